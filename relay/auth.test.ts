import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeRelayAuth } from '#nips/nip42'
import { NOW, person } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import { is } from './testing/wire.ts'

let relay: TestRelay
beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_PUBLIC_URL: 'wss://relay.example' } })
})
afterAll(() => relay.close())

const ann = person()
const privateKinds = { kinds: [1059] }

describe('the challenge', () => {
  test('comes at once, and differs for each connection', async () => {
    const [one, two] = [await relay.client(), await relay.client()]
    const challenges = [await one.next(is('AUTH')), await two.next(is('AUTH'))].map(([, challenge]) => challenge)
    expect(challenges[0]).toMatch(/^.{16,}$/)
    expect(challenges[0]).not.toBe(challenges[1])
  })

  test('comes again right before each refusal that asks for it, and stays the same', async () => {
    const client = await relay.client()
    await client.ask('a', privateKinds)
    await client.publish(ann.sign({ tags: [['-']] }))
    await client.ask('b', {}, privateKinds)
    const [, challenge] = client.heard[0] ?? []
    expect(client.heard.map(([verb, first]) => [verb, first === challenge])).toEqual([
      ['AUTH', true],
      ['AUTH', true],
      ['CLOSED', false],
      ['AUTH', true],
      ['OK', false],
      ['AUTH', true],
      ['CLOSED', false],
    ])
  })
})

describe('signing in', () => {
  test.each([
    { says: 'the public name', relay: 'wss://relay.example' },
    { says: 'the public name with a path and in capitals', relay: 'WSS://Relay.Example/' },
    { says: 'the address it listens on', relay: 'LISTENING' },
    { says: 'its loopback name', relay: 'LOCALHOST' },
  ])('works under $says, and private kinds can be read', async ({ relay: name }) => {
    const client = await relay.client()
    const tag = { LISTENING: relay.url, LOCALHOST: relay.url.replace('127.0.0.1', 'localhost') }[name] ?? name
    expect(await client.signIn(ann, { relay: tag })).toEqual([true, ''])
    expect((await client.ask('mine', privateKinds)).end).toEqual(['EOSE', 'mine'])
  })

  test.each([
    {
      says: 'another relay',
      fields: { relay: 'wss://evil.example' },
      reason: 'error: incorrect or missing relay tag, expected: relay.example',
    },
    {
      says: 'a name that only begins alike',
      fields: { relay: 'wss://relay.example.evil.example' },
      reason: 'error: incorrect or missing relay tag, expected: relay.example',
    },
    { says: 'another challenge', fields: { challenge: 'guess' }, reason: 'error: challenge string mismatch' },
  ])('is refused for $says', async ({ fields, reason }) => {
    const client = await relay.client()
    expect(await client.signIn(ann, fields)).toEqual([false, reason])
    expect((await client.ask('mine', privateKinds)).end[0]).toBe('CLOSED')
  })

  test.each([
    {
      says: 'an old event',
      change: { created_at: NOW - 601 },
      reason: 'error: created_at is more than 10 minutes off',
    },
    {
      says: 'an event of the future',
      change: { created_at: NOW + 601 },
      reason: 'error: created_at is more than 10 minutes off',
    },
    { says: 'another kind', change: { kind: 1 }, reason: 'error: wrong event kind, expected 22242' },
    {
      says: 'two challenges',
      change: {
        tags: [
          ['challenge', 'x'],
          ['challenge', 'y'],
          ['relay', 'wss://relay.example'],
        ],
      },
      reason: 'error: exactly one "challenge" tag is needed',
    },
  ])('is refused for $says', async ({ change, reason }) => {
    const client = await relay.client()
    const [, challenge] = await client.next(is('AUTH'))
    const event = ann.sign({ ...encodeRelayAuth(relay.url, String(challenge), relay.clock.now()), ...change })
    client.say('AUTH', event)
    expect(await client.next(is('OK', event.id))).toEqual(['OK', event.id, false, reason])
  })

  test('is refused for a bad signature and for what is no event', async () => {
    const client = await relay.client()
    const event = ann.sign({ kind: 22_242 })
    client.say('AUTH', { ...event, sig: '0'.repeat(128) })
    expect(await client.next(is('OK', event.id))).toEqual(['OK', event.id, false, 'error: bad signature'])
    client.say('AUTH', 'hello')
    expect(await client.next(is('OK'))).toEqual(['OK', '?', false, 'error: event is not an object'])
  })

  test('works with several keys, each of which counts, and twice with one', async () => {
    const [ben, cat] = [relay.person(), relay.person()]
    const client = await relay.client(ann, ben)
    expect(await client.signIn(ann)).toEqual([true, ''])
    const wraps = [ann, ben, cat].map(({ pubkey }) => cat.sign({ kind: 1059, tags: [['p', pubkey]] }))
    for (const wrap of wraps) await client.publish(wrap)
    const { ids } = await client.ask('mine', privateKinds)
    expect(ids.sort()).toEqual(
      wraps
        .slice(0, 2)
        .map(({ id }) => id)
        .sort(),
    )
  })

  test('has an end of keys', async () => {
    const client = await relay.client(...Array.from({ length: 32 }, () => relay.person()))
    expect(await client.signIn(relay.person())).toEqual([false, 'rate-limited: too many keys on one connection'])
  })
})
