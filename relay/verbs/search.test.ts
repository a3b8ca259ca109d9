import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { NOW, person } from '../testing/events.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import type { Client } from '../testing/wire.ts'

let relay: TestRelay
let client: Client
const ann = person()
let notes: Record<'apps' | 'both' | 'apples' | 'wrap', NostrEvent>

beforeAll(async () => {
  relay = await serveRelay()
  client = await relay.client(ann)
  notes = {
    apps: ann.sign({ content: 'The best Nostr apps', created_at: NOW - 3 }),
    both: ann.sign({ kind: 30_023, content: 'nostr, and again: APPS', created_at: NOW - 2 }),
    apples: ann.sign({ content: 'nostr apples', created_at: NOW - 1 }),
    wrap: ann.sign({ kind: 1059, content: 'nostr apps', tags: [['p', ann.pubkey]] }),
  }
  for (const event of Object.values(notes)) expect(await client.publish(event)).toEqual([true, ''])
})
afterAll(() => relay.close())

describe('a search (NIP-50)', () => {
  test.each([
    { filter: { search: 'nostr apps' }, finds: ['apps', 'both'] },
    { filter: { search: 'APPS language:en' }, finds: ['apps', 'both'] },
    { filter: { search: 'apps', kinds: [1] }, finds: ['apps'] },
    { filter: { search: 'nostr', until: NOW - 2 }, finds: ['apps', 'both'] },
    { filter: { search: 'nostr', kinds: [1059] }, finds: [] },
    { filter: { search: 'cheese' }, finds: [] },
    { filter: { search: '" OR "x" NOT * ( : ^' }, finds: [] },
    { filter: { search: '', kinds: [30_023] }, finds: ['both'] },
  ])('$filter finds $finds', async ({ filter, finds }) => {
    const { ids, end } = await client.ask('s', filter)
    expect(end).toEqual(['EOSE', 's'])
    expect(ids.sort()).toEqual(finds.map((name) => notes[name as keyof typeof notes].id).sort())
    client.say('CLOSE', 's')
  })

  test('is counted by the same words', async () => {
    client.say('COUNT', 'c', { search: 'nostr apps' }, { search: 'apples' })
    expect(await client.next(([verb]) => verb === 'COUNT')).toEqual(['COUNT', 'c', { count: 3 }])
  })

  test('goes on live by the same words, and never finds what is private', async () => {
    await client.ask('live', { search: 'orange', since: NOW })
    const [hit, miss, secret] = [
      ann.sign({ content: 'an ORANGE.' }),
      ann.sign({ content: 'oranges' }),
      ann.sign({ kind: 1059, content: 'orange', tags: [['p', ann.pubkey]] }),
    ]
    for (const event of [hit, miss, secret]) await client.publish(event)
    expect(await client.got('live')).toEqual([hit.id])
  })
})
