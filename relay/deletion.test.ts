import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import { NOW, type Person, person } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import type { Client } from './testing/wire.ts'

let relay: TestRelay
let client: Client
const ann = person()
beforeAll(async () => {
  relay = await serveRelay()
  client = await relay.client()
})
afterAll(() => relay.close())

async function publish(who: Person, fields: Partial<EventTemplate>): Promise<NostrEvent> {
  const event = who.sign({ content: crypto.randomUUID(), ...fields })
  expect(await client.publish(event)).toEqual([true, ''])
  return event
}

async function found(filter: object): Promise<string[]> {
  const got = await client.ask('found', filter)
  client.say('CLOSE', 'found')
  return got.ids
}

const ids = (events: readonly NostrEvent[]): string[] => events.map(({ id }) => id)

describe('a deletion (NIP-09)', () => {
  const article = (who: Person, d: string, created_at: number) =>
    publish(who, { kind: 30_023, created_at, tags: [['d', d]] })
  const address = (who: Person, d: string) => `30023:${who.pubkey}:${d}`

  test('by id takes that event alone, and it does not come back', async () => {
    const [gone, stays] = [await publish(ann, {}), await publish(ann, {})]
    await publish(ann, { kind: 5, tags: [['e', gone.id]] })
    expect(await found({ ids: ids([gone, stays]) })).toEqual([stays.id])
    expect(await client.publish(gone)).toEqual([false, 'deleted: user requested deletion'])
  })

  test('by address takes what is not newer, and lets a newer version come', async () => {
    const who = person()
    const older = await article(who, 'a', NOW - 20)
    await publish(who, { kind: 5, created_at: NOW - 10, tags: [['a', address(who, 'a')]] })
    expect(await found({ authors: [who.pubkey], kinds: [30_023] })).toEqual([])
    expect(await client.publish(older)).toEqual([false, 'deleted: user requested deletion'])
    const newer = await article(who, 'a', NOW - 5)
    expect(await found({ authors: [who.pubkey], kinds: [30_023] })).toEqual([newer.id])
  })

  test('by address leaves a newer version that is there already', async () => {
    const who = person()
    const newer = await article(who, 'a', NOW)
    await publish(who, { kind: 5, created_at: NOW - 10, tags: [['a', address(who, 'a')]] })
    expect(await found({ ids: [newer.id] })).toEqual([newer.id])
  })

  test('by address is bound by the whole of it', async () => {
    const who = person()
    const [one, other] = [await article(who, 'a', NOW - 20), await article(who, 'ab', NOW - 20)]
    await publish(who, { kind: 5, tags: [['a', address(who, 'a')]] })
    expect(await found({ ids: ids([one, other]) })).toEqual([other.id])
  })

  test('of what others wrote changes nothing, by id and by address', async () => {
    const [who, thief] = [person(), person()]
    const [note, text] = [await publish(who, {}), await article(who, 'a', NOW)]
    await publish(thief, {
      kind: 5,
      tags: [
        ['e', note.id],
        ['a', address(who, 'a')],
      ],
    })
    expect((await found({ ids: ids([note, text]) })).sort()).toEqual(ids([note, text]).sort())
  })

  test('that comes first holds for what it names, by its author only', async () => {
    const [who, thief] = [person(), person()]
    const note = who.sign({ content: 'not there yet' })
    await publish(thief, { kind: 5, tags: [['e', note.id]] })
    expect(await client.publish(note)).toEqual([true, ''])
    const next = who.sign({ content: 'never there' })
    await publish(who, { kind: 5, tags: [['e', next.id]] })
    expect(await client.publish(next)).toEqual([false, 'deleted: user requested deletion'])
  })

  test('of a deletion changes nothing', async () => {
    const note = await publish(ann, {})
    const deletion = await publish(ann, { kind: 5, tags: [['e', note.id]] })
    await publish(ann, { kind: 5, tags: [['e', deletion.id]] })
    expect(await client.publish(note)).toEqual([false, 'deleted: user requested deletion'])
  })
})
