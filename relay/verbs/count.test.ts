import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { NOW, person } from '../testing/events.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import { type Client, is } from '../testing/wire.ts'

let relay: TestRelay
let client: Client
const [ann, ben] = [person(), person()]
const target = 'e'.repeat(64)

beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_MAX_COUNT: '300' } })
  client = await relay.client()
  const notes = Array.from({ length: 250 }, (_, at) =>
    (at % 2 === 0 ? ann : ben).sign({ created_at: NOW - at, tags: [['t', `t${at % 5}`]] }),
  )
  const reactions = [ann, ben].map((who) => who.sign({ kind: 7, tags: [['e', target]] }))
  const wraps = [ann, ben].map((who) => who.sign({ kind: 1059, tags: [['p', ann.pubkey]], content: who.pubkey }))
  const expired = ann.sign({ kind: 3000, tags: [['expiration', String(NOW + 1)]] })
  const deleted = ann.sign({ kind: 3000 })
  const deletion = ann.sign({ kind: 5, tags: [['e', deleted.id]] })
  for (const event of [...notes, ...reactions, ...wraps, expired, deleted, deletion]) await publish(event)
  relay.clock.advance(1)
}, 60_000)
afterAll(() => relay.close())

async function publish(event: NostrEvent): Promise<void> {
  expect(await client.publish(event)).toEqual([true, ''])
}

async function counted(who: Client, ...filters: object[]): Promise<unknown> {
  who.say('COUNT', 'q', ...filters)
  return (await who.next((said) => is('COUNT', 'q')(said) || is('CLOSED', 'q')(said))).toSpliced(1, 1)
}

describe('a COUNT', () => {
  test.each([
    { says: 'of one kind', filters: [{ kinds: [1] }], count: 250 },
    { says: 'of one author', filters: [{ kinds: [1], authors: [ann.pubkey] }], count: 125 },
    { says: 'within a time', filters: [{ kinds: [1], since: NOW - 9, until: NOW - 5 }], count: 5 },
    {
      says: 'of filters that overlap',
      filters: [{ '#t': ['t0'] }, { '#t': ['t0', 't1'] }, { since: NOW - 9 }],
      count: 109,
    },
    { says: 'of the same filter twice', filters: [{ kinds: [1] }, { kinds: [1] }], count: 250 },
    { says: 'with a limit of its own', filters: [{ kinds: [1], limit: 150 }], count: 150 },
    {
      says: 'of filters with limits of their own',
      filters: [
        { kinds: [1], limit: 10 },
        { kinds: [1], until: NOW - 5, limit: 10 },
      ],
      count: 15,
    },
    { says: 'of nothing', filters: [{ limit: 0 }], count: 0 },
    { says: 'of empty lists', filters: [{ kinds: [] }, { ids: [] }, { authors: [] }], count: 0 },
    { says: 'of what has expired or was deleted', filters: [{ kinds: [3000] }], count: 0 },
    { says: 'of everything, without what is private', filters: [{}], count: 253 },
    { says: 'by private ids', filters: [{ '#p': [ann.pubkey] }], count: 0 },
  ])('$says', async ({ filters, count }) => {
    expect(await counted(client, ...filters)).toEqual(['COUNT', expect.objectContaining({ count })])
  })

  test('of private kinds by a stranger is refused, and the challenge comes before it', async () => {
    const stranger = await relay.client()
    expect(await counted(stranger, { kinds: [1059] })).toEqual([
      'CLOSED',
      'auth-required: requested filter requires authentication',
    ])
    expect(stranger.heard.map(([verb]) => verb)).toEqual(['AUTH', 'AUTH', 'CLOSED'])
  })

  test('of private kinds counts what its reader is a party of', async () => {
    const [asAnn, asBen] = [await relay.client(ann), await relay.client(ben)]
    expect(await counted(asAnn, { kinds: [1059] })).toEqual(['COUNT', { count: 2 }])
    expect(await counted(asBen, { kinds: [1059] })).toEqual(['COUNT', { count: 1 }])
    expect(await counted(asBen, {})).toEqual(['COUNT', { count: 254 }])
    expect(await counted(asBen, { kinds: [1059], '#p': [ann.pubkey] })).toEqual([
      'CLOSED',
      'restricted: these kinds are for their parties: name your own key in "authors" or "#p"',
    ])
  })

  test('stops where the operator says, and says so', async () => {
    const more = await serveRelay({ env: { RELAY_MAX_COUNT: '100' }, store: relay.store })
    const asks = await more.client()
    expect(await counted(asks, { kinds: [1] })).toEqual(['COUNT', { count: 100, limited: true, approximate: true }])
    expect(await counted(asks, { kinds: [1], limit: 100 })).toEqual(['COUNT', { count: 100 }])
    expect(await counted(asks, { kinds: [1], until: NOW - 150 })).toEqual(['COUNT', { count: 100 }])
  })

  test('is refused where it is off, and not announced', async () => {
    const off = await serveRelay({ env: { RELAY_MAX_COUNT: '0' } })
    expect(await counted(await off.client(), {})).toEqual(['CLOSED', 'ERROR: bad req: COUNT disabled'])
    const accept = { headers: { accept: 'application/nostr+json' } }
    const nips = async (of: TestRelay) => (await (await fetch(of.http, accept)).json()).supported_nips
    expect(await nips(off)).not.toContain(45)
    expect(await nips(relay)).toContain(45)
    await off.close()
  })

  test.each([
    { says: 'without a filter', filters: [], reason: 'arr too small' },
    { says: 'with a filter that is none', filters: [1], reason: 'provided filter is not an object' },
    { says: 'with too many filters', filters: Array(11).fill({}), reason: 'arr too big' },
  ])('$says is refused', async ({ filters, reason }) => {
    expect(await counted(client, ...(filters as object[]))).toEqual(['CLOSED', `ERROR: bad req: ${reason}`])
  })

  test('opens no subscription and takes the place of none', async () => {
    await client.ask('q', { kinds: [1], limit: 0 })
    await counted(client, { kinds: [1] })
    const note = ann.sign({ content: 'still live' })
    await publish(note)
    expect(await client.got('q')).toEqual([note.id])
    client.say('CLOSE', 'q')
  })
})

describe('the registers of NIP-45', () => {
  test('come with a condition on one tag value', async () => {
    const [, answer] = (await counted(client, { kinds: [7], '#e': [target] })) as [
      string,
      { count: number; hll: string },
    ]
    expect(answer.count).toBe(2)
    const registers = Buffer.from(answer.hll, 'hex')
    expect(registers).toHaveLength(256)
    expect([...registers].filter((value) => value > 0).length).toBeLessThanOrEqual(2)
    expect(registers[Buffer.from(ann.pubkey, 'hex')[0xe + 8] as number]).toBeGreaterThan(0)
  })

  test.each([
    { says: 'two values', filters: [{ '#e': [target, 'f'.repeat(64)] }] },
    { says: 'two tags', filters: [{ '#e': [target], '#p': [target] }] },
    { says: 'two filters', filters: [{ '#e': [target] }, { '#e': [target] }] },
    { says: 'no tag', filters: [{ kinds: [7] }] },
  ])('do not come with $says', async ({ filters }) => {
    expect(await counted(client, ...filters)).toEqual(['COUNT', { count: expect.any(Number) }])
  })
})
