import { nip77, Relay } from 'nostr-tools'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { NOW, person } from '../testing/events.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import { type Client, is, type Said } from '../testing/wire.ts'

const [ann, ben] = [person(), person()]
let relay: TestRelay
let notes: NostrEvent[]
let wraps: NostrEvent[]

beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_MAX_SYNC_EVENTS: '200' } })
  const client = await relay.client()
  notes = Array.from({ length: 150 }, (_, at) => ann.sign({ created_at: NOW - (at >> 2), content: `note ${at}` }))
  wraps = [ann, ben].map((who) => who.sign({ kind: 1059, tags: [['p', ann.pubkey]] }))
  for (const event of [...notes, ...wraps]) expect(await client.publish(event)).toEqual([true, ''])
}, 60_000)
afterAll(() => relay.close())

const answerTo = async (client: Client, ...message: unknown[]): Promise<Said> => {
  client.say(...message)
  return client.next((said) => is('NEG-MSG')(said) || is('NEG-ERR')(said) || is('NOTICE')(said))
}

/** Ids in one answer to a client that has nothing and asks for all. */
async function idsFor(client: Client, filter: object): Promise<string[]> {
  const [verb, , message] = await answerTo(client, 'NEG-OPEN', 'all', filter, '6100000200')
  client.say('NEG-CLOSE', 'all')
  expect(verb).toBe('NEG-MSG')
  return notes.concat(wraps).flatMap(({ id }) => (String(message).includes(id) ? [id] : []))
}

describe('a client of nostr-tools', () => {
  test('learns both differences over the wire, fetches what it lacks and sends what the relay lacks', async () => {
    const own = Array.from({ length: 40 }, (_, at) => ann.sign({ created_at: NOW - at, content: `own ${at}` }))
    const mine = [...notes.slice(0, 100), ...own]
    const storage = new nip77.NegentropyStorageVector()
    for (const { created_at, id } of mine) storage.insert(created_at, id)
    storage.seal()
    const client = await Relay.connect(relay.url)
    const [have, need]: string[][] = [[], []]
    await new Promise<void>((resolve, reject) => {
      const sync = new nip77.NegentropySync(
        client,
        storage,
        { kinds: [1], authors: [ann.pubkey] },
        {
          onhave: (id) => have?.push(id),
          onneed: (id) => need?.push(id),
          onclose: (reason) => (reason === undefined ? resolve() : reject(new Error(reason))),
        },
      )
      void sync.start()
    })
    client.close()
    expect(have?.sort()).toEqual(own.map(({ id }) => id).sort())
    expect(need?.sort()).toEqual(
      notes
        .slice(100)
        .map(({ id }) => id)
        .sort(),
    )
  })
})

describe('what is compared', () => {
  test('leaves out private events of others without a word, also by id', async () => {
    const stranger = await relay.client()
    const everything = { until: NOW }
    expect(await idsFor(stranger, everything)).toEqual(notes.map(({ id }) => id))
    expect(await idsFor(stranger, { ids: wraps.map(({ id }) => id) })).toEqual([])
    const party = await relay.client(ann)
    expect(await idsFor(party, everything)).toEqual(notes.concat(wraps).map(({ id }) => id))
  })

  test('is refused for private kinds, after the challenge', async () => {
    const stranger = await relay.client()
    expect(await answerTo(stranger, 'NEG-OPEN', 'x', { kinds: [1059] }, '6100000200')).toEqual([
      'NEG-ERR',
      'x',
      'auth-required: requested filter requires authentication',
    ])
    expect(stranger.heard.map(([verb]) => verb)).toEqual(['AUTH', 'AUTH', 'NEG-ERR'])
    const other = await relay.client(relay.person())
    const [verb, , reason] = await answerTo(other, 'NEG-OPEN', 'x', { kinds: [1059], '#p': [ann.pubkey] }, '61')
    expect([verb, reason]).toEqual(['NEG-ERR', expect.stringMatching(/^restricted: /)])
  })

  test('stays as it was when it was opened', async () => {
    const client = await relay.client()
    const filter = { authors: [ben.pubkey], kinds: [1] }
    expect(await answerTo(client, 'NEG-OPEN', 'x', filter, '6100000200')).toEqual(['NEG-MSG', 'x', '6100000200'])
    const note = ben.sign({})
    await client.publish(note)
    expect(await answerTo(client, 'NEG-MSG', 'x', '6100000200')).toEqual(['NEG-MSG', 'x', '6100000200'])
    const again = await answerTo(client, 'NEG-OPEN', 'x', filter, '6100000200')
    expect(again).toEqual(['NEG-MSG', 'x', `6100000201${note.id}`])
  })

  test('is refused when it is too much, unless the filter asks for less', async () => {
    const client = await relay.client()
    for (let at = 0; at < 51; at++) await client.publish(ben.sign({ content: `more ${at}` }))
    expect(await answerTo(client, 'NEG-OPEN', 'x', {}, '61')).toEqual([
      'NEG-ERR',
      'x',
      'blocked: too many query results',
    ])
    expect(await answerTo(client, 'NEG-MSG', 'x', '61')).toEqual([
      'NEG-ERR',
      'x',
      'closed: unknown subscription handle',
    ])
    expect(await answerTo(client, 'NEG-OPEN', 'x', { limit: 200 }, '61')).toEqual(['NEG-MSG', 'x', '61'])
  })
})

describe('a reconciliation', () => {
  const little = { limit: 0 }

  test.each([
    { says: 'no hex', message: 'zz' },
    { says: 'no version', message: '' },
    { says: 'half a range', message: '6100' },
  ])('ends with $says', async ({ message }) => {
    const client = await relay.client()
    expect(await answerTo(client, 'NEG-OPEN', 'x', little, '61')).toEqual(['NEG-MSG', 'x', '61'])
    expect(await answerTo(client, 'NEG-MSG', 'x', message)).toEqual(['NEG-ERR', 'x', 'PROTOCOL-ERROR'])
    expect(await answerTo(client, 'NEG-MSG', 'x', '61')).toEqual([
      'NEG-ERR',
      'x',
      'closed: unknown subscription handle',
    ])
  })

  test('of a later version is offered version 1', async () => {
    expect(await answerTo(await relay.client(), 'NEG-OPEN', 'x', little, '62aabb')).toEqual(['NEG-MSG', 'x', '61'])
  })

  test.each([
    { says: 'a filter that is none', message: ['NEG-OPEN', 'x', 1, '61'], reason: 'provided filter is not an object' },
    { says: 'no filter', message: ['NEG-OPEN', 'x', '61'], reason: 'negentropy query missing elements' },
    { says: 'no message', message: ['NEG-OPEN', 'x', {}], reason: 'negentropy query missing elements' },
    {
      says: 'an unknown condition',
      message: ['NEG-OPEN', 'x', { foo: 1 }, '61'],
      reason: 'unrecognised filter item: foo',
    },
    { says: 'a number for a message', message: ['NEG-MSG', 'x', 61], reason: 'negentropy payload not a string' },
  ])('with $says is refused by name', async ({ message, reason }) => {
    expect(await answerTo(await relay.client(), ...message)).toEqual(['NEG-ERR', 'x', `invalid: ${reason}`])
  })

  test('without a name is refused', async () => {
    expect(await answerTo(await relay.client(), 'NEG-OPEN', 1, {}, '61')).toEqual([
      'NOTICE',
      'ERROR: negentropy error: NEG subscription id was not a string',
    ])
  })

  test('has a name apart from subscriptions, ends with NEG-CLOSE, and there are two at once', async () => {
    const client = await relay.client()
    await client.ask('x', little)
    for (const name of ['x', 'y', 'x'])
      expect((await answerTo(client, 'NEG-OPEN', name, little, '61'))[0]).toBe('NEG-MSG')
    const tooMany = ['NEG-ERR', 'z', 'blocked: too many concurrent NEG requests']
    expect(await answerTo(client, 'NEG-OPEN', 'z', little, '61')).toEqual(tooMany)
    client.say('NEG-CLOSE', 'x')
    expect((await answerTo(client, 'NEG-OPEN', 'z', little, '61'))[0]).toBe('NEG-MSG')
    expect((await answerTo(client, 'NEG-MSG', 'x', '61'))[2]).toBe('closed: unknown subscription handle')
    const note = ben.sign({ content: 'live' })
    await client.publish(note)
    expect(await client.got('x')).toEqual([note.id])
  })

  test('is forgotten when nothing is heard of it', async () => {
    const own = await serveRelay()
    const client = await own.client()
    await answerTo(client, 'NEG-OPEN', 'x', little, '61')
    own.clock.advance(29)
    expect(await answerTo(client, 'NEG-MSG', 'x', '61')).toEqual(['NEG-MSG', 'x', '61'])
    own.clock.advance(30)
    expect(await client.next(is('NEG-ERR'))).toEqual(['NEG-ERR', 'x', 'closed: you took too long to respond'])
    expect((await answerTo(client, 'NEG-MSG', 'x', '61'))[2]).toBe('closed: unknown subscription handle')
    await own.close()
  })

  test('does not wait behind another that is talked over', async () => {
    const client = await relay.client()
    await answerTo(client, 'NEG-OPEN', 'x', little, '61')
    for (let at = 0; at < 3; at++) client.say('NEG-MSG', 'x', '61')
    expect(await client.next(is('NEG-ERR'))).toEqual(['NEG-ERR', 'x', 'PROTOCOL-ERROR'])
  })

  test('is not there where it is off', async () => {
    const off = await serveRelay({ env: { RELAY_MAX_SYNC_EVENTS: '0' } })
    const client = await off.client()
    expect(await answerTo(client, 'NEG-OPEN', 'x', {}, '61')).toEqual(['NOTICE', 'ERROR: bad msg: negentropy disabled'])
    const accept = { headers: { accept: 'application/nostr+json' } }
    const nips = async ({ http }: TestRelay) => (await (await fetch(http, accept)).json()).supported_nips
    expect(await nips(off)).not.toContain(77)
    expect(await nips(relay)).toContain(77)
    await off.close()
  })
})

test('all clients together hold only so much', async () => {
  const own = await serveRelay({ env: { RELAY_MAX_SYNC_EVENTS: '10' } })
  const publisher = await own.client()
  for (let at = 0; at < 10; at++) await publisher.publish(ann.sign({ content: `${at}` }))
  const clients = await Promise.all(Array.from({ length: 3 }, () => own.client()))
  const open = (at: number, name: string) => answerTo(clients[at] as Client, 'NEG-OPEN', name, {}, '61')
  for (const name of ['x', 'y']) for (const at of [0, 1]) expect((await open(at, name))[0]).toBe('NEG-MSG')
  expect(await open(2, 'x')).toEqual(['NEG-ERR', 'x', 'blocked: too many concurrent NEG requests'])
  clients[0]?.say('NEG-CLOSE', 'x')
  await clients[0]?.got('x')
  expect((await open(2, 'x'))[0]).toBe('NEG-MSG')
  clients[1]?.socket.terminate()
  await own.close()
})
