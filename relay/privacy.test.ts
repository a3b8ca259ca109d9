import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { NOW, type Person, person } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import { type Client, is } from './testing/wire.ts'

/** Whoever asks: nobody known, a key with no part in it, the one it is for, the one who wrote it. */
const readers = ['anonymous', 'stranger', 'party', 'author'] as const
type Reader = (typeof readers)[number]

const party = person()
const caller = person()
const stranger = person()
const E = 'e'.repeat(64)

/** One event of each private sort; `by` is `service` where only a service may write it. */
const sorts = [
  { sort: 'a legacy direct message', kind: 4, by: 'caller' },
  { sort: 'a gift wrap', kind: 1059, by: 'caller' },
  { sort: 'a job request', kind: 5785, by: 'caller' },
  { sort: 'an approval request', kind: 5783, by: 'service' },
  { sort: 'a job result', kind: 6785, by: 'service' },
  { sort: 'job feedback', kind: 7000, by: 'service' },
  { sort: 'an instance', kind: 31_770, by: 'service' },
  { sort: 'a checkpoint', kind: 31_774, by: 'service' },
] as const
type Sort = (typeof sorts)[number]

/** Every way to ask. `names`: it names private kinds, so whoever may not read them is told so. */
const doors: { door: string; names: boolean; filter: (event: NostrEvent) => object }[] = [
  { door: 'kinds', names: true, filter: ({ kind }) => ({ kinds: [kind] }) },
  { door: 'kinds among public ones', names: true, filter: ({ kind }) => ({ kinds: [1, kind] }) },
  { door: 'kinds and author', names: true, filter: ({ kind, pubkey }) => ({ kinds: [kind], authors: [pubkey] }) },
  { door: 'kinds and #p', names: true, filter: ({ kind }) => ({ kinds: [kind], '#p': [party.pubkey] }) },
  { door: 'kinds and #e', names: true, filter: ({ kind }) => ({ kinds: [kind], '#e': [E] }) },
  { door: 'ids', names: false, filter: ({ id }) => ({ ids: [id] }) },
  { door: 'author', names: false, filter: ({ pubkey }) => ({ authors: [pubkey] }) },
  { door: '#p', names: false, filter: () => ({ '#p': [party.pubkey] }) },
  { door: '#e', names: false, filter: () => ({ '#e': [E] }) },
  { door: 'everything', names: false, filter: () => ({}) },
  { door: 'since', names: false, filter: ({ created_at }) => ({ since: created_at }) },
]

let relay: TestRelay
let publisher: Client
let clients: Record<Reader, Client>
let serial = 0
beforeAll(async () => {
  relay = await serveRelay()
  publisher = await relay.client()
  const wrote = await relay.client(caller, relay.service)
  clients = {
    anonymous: await relay.client(),
    stranger: await relay.client(stranger),
    party: await relay.client(party),
    author: wrote,
  }
})
afterAll(() => relay.close())

function write({ kind, by }: Pick<Sort, 'kind' | 'by'>): NostrEvent {
  serial += 1
  const author: Person = by === 'service' ? relay.service : caller
  return author.sign({
    kind,
    content: String(serial),
    tags: [
      ['p', party.pubkey],
      ['e', E],
      ['d', String(serial)],
    ],
  })
}

/** How a request ends: refused with a prefix, or answered with or without the event. */
type Outcome = 'auth-required' | 'restricted' | 'found' | 'omitted'

function outcomeFor(reader: Reader, { door, names }: (typeof doors)[number]): Outcome {
  if (reader === 'anonymous') return names ? 'auth-required' : 'omitted'
  if (door === 'kinds and #p' && reader !== 'party') return 'restricted'
  return reader === 'stranger' ? 'omitted' : 'found'
}

const ofEach = async <T>(answer: (reader: Reader) => T | Promise<T>): Promise<Record<Reader, T>> =>
  Object.fromEntries(await Promise.all(readers.map(async (reader) => [reader, await answer(reader)]))) as Record<
    Reader,
    T
  >

async function readStored(client: Client, event: NostrEvent, filter: object): Promise<string> {
  const from = client.heard.length
  const { ids, end } = await client.ask('stored', filter)
  client.say('CLOSE', 'stored')
  const challenged = client.heard.slice(from).some(is('AUTH')) ? ' after a challenge' : ''
  if (end[0] === 'CLOSED') return String(end[2]).split(':')[0] + challenged
  return (ids.includes(event.id) ? 'found' : 'omitted') + challenged
}

describe.each(sorts)('$sort', (sort) => {
  test.each(doors)('stored, by $door', async (door) => {
    const event = write(sort)
    expect(await publisher.publish(event)).toEqual([true, ''])
    expect(await ofEach((reader) => readStored(clients[reader], event, door.filter(event)))).toEqual(
      await ofEach((reader) => outcomeFor(reader, door).replace('auth-required', 'auth-required after a challenge')),
    )
  })

  test.each(doors)('live, by $door', async (door) => {
    const event = write(sort)
    await ofEach((reader) => clients[reader].ask('live', door.filter(event)))
    expect(await publisher.publish(event)).toEqual([true, ''])
    const got = await ofEach(async (reader) => (await clients[reader].got('live')).includes(event.id))
    for (const reader of readers) clients[reader].say('CLOSE', 'live')
    expect(got).toEqual(await ofEach((reader) => outcomeFor(reader, door) === 'found'))
  })
})

describe('who signs in while a subscription is open', () => {
  test.each([
    { says: 'a party gets what comes from then on', who: party, gets: true },
    { says: 'a stranger gets nothing', who: stranger, gets: false },
  ])('$says', async ({ who, gets }) => {
    const client = await relay.client()
    const [before, after] = [write({ kind: 5785, by: 'caller' }), write({ kind: 5785, by: 'caller' })]
    await client.ask('open', { '#p': [party.pubkey] })
    await publisher.publish(before)
    expect(await client.got('open')).toEqual([])
    await client.signIn(who)
    await publisher.publish(after)
    expect(await client.got('open')).toEqual(gets ? [after.id] : [])
  })
})

describe('ephemeral private kinds', () => {
  test.each(readers)('%s', async (reader) => {
    const client = clients[reader]
    await client.ask('deltas', { '#p': [party.pubkey], since: 0, limit: 0 })
    const delta = relay.service.sign({ kind: 25_785, content: reader, tags: [['p', party.pubkey]] })
    const wrap = caller.sign({ kind: 21_059, content: reader, tags: [['p', party.pubkey]] })
    for (const event of [delta, wrap]) expect(await publisher.publish(event)).toEqual([true, ''])
    const mayRead = reader === 'party' || reader === 'author'
    expect(await client.got('deltas')).toEqual(mayRead ? [delta.id, wrap.id] : [])
    client.say('CLOSE', 'deltas')
  })
})

describe('nothing tells that a private event exists', () => {
  test('a limit is filled with what may be read', async () => {
    const notes = [caller.sign({ content: 'one' }), caller.sign({ content: 'two' })]
    for (const note of notes) await publisher.publish(note)
    const job = caller.sign({ kind: 5785, tags: [['p', party.pubkey]], created_at: NOW + 890 })
    await publisher.publish(job)
    for (const reader of ['anonymous', 'stranger'] as const) {
      const { ids } = await clients[reader].ask('few', { limit: 2, authors: [caller.pubkey] })
      expect(ids).toHaveLength(2)
      expect(ids).not.toContain(job.id)
    }
    expect((await clients.party.ask('few', { limit: 2, authors: [caller.pubkey] })).ids[0]).toBe(job.id)
  })

  test('who sends it on hears the same the first and the second time, unless it is theirs', async () => {
    const job = write({ kind: 5785, by: 'caller' })
    expect(await publisher.publish(job)).toEqual([true, ''])
    expect(await publisher.publish(job)).toEqual([true, ''])
    expect(await clients.stranger.publish(job)).toEqual([true, ''])
    expect(await clients.author.publish(job)).toEqual([true, 'duplicate: have this event'])
  })

  test('an id alone, under other content, is refused as for any other', async () => {
    const job = write({ kind: 5785, by: 'caller' })
    await publisher.publish(job)
    expect(await clients.stranger.publish({ ...caller.sign({}), id: job.id })).toEqual([false, 'invalid: bad event id'])
    expect(await clients.stranger.publish({ ...job, sig: '0'.repeat(128) })).toEqual([false, 'invalid: bad signature'])
  })
})
