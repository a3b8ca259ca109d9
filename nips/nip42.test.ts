import { makeAuthEvent } from 'nostr-tools/nip42'
import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { encodeRelayAuth, hostOf, requireRelayAuth } from './nip42.ts'

const alice = author()
const here = { challenge: 'c1', hosts: ['relay.example', 'localhost:8080'], now: NOW }
const good = encodeRelayAuth('wss://relay.example', 'c1', NOW)
const relay = (url: string) => ({
  tags: [
    ['relay', url],
    ['challenge', 'c1'],
  ],
})

describe('signing in to a relay', () => {
  test.each([
    { says: 'its name', change: {} },
    { says: 'its name and a slash', change: relay('wss://relay.example/') },
    { says: 'its name and a path', change: relay('wss://relay.example/some/where?x=1') },
    { says: 'its name in capitals', change: relay('WSS://Relay.EXAMPLE') },
    { says: 'its usual port', change: relay('wss://relay.example:443') },
    { says: 'its name over http', change: relay('https://relay.example') },
    { says: 'another of its names', change: relay('ws://localhost:8080') },
    { says: 'a clock ten minutes ahead', change: { created_at: NOW + 600 } },
    { says: 'a clock ten minutes behind', change: { created_at: NOW - 600 } },
  ])('works with $says', ({ change }) => {
    expect(() => requireRelayAuth(alice.sign({ ...good, ...change }), here)).not.toThrow()
  })

  test('works with what nostr-tools makes', () => {
    const event = alice.sign({ ...makeAuthEvent('wss://relay.example', 'c1'), created_at: NOW })
    expect(() => requireRelayAuth(event, here)).not.toThrow()
  })

  const wrongRelay = 'incorrect or missing relay tag, expected: relay.example'
  test.each([
    { says: 'another kind', change: { kind: 1 }, message: 'wrong event kind, expected 22242' },
    {
      says: 'another challenge',
      change: encodeRelayAuth('wss://relay.example', 'c2', NOW),
      message: 'challenge string mismatch',
    },
    {
      says: 'no challenge',
      change: { tags: [['relay', 'wss://relay.example']] },
      message: 'exactly one "challenge" tag is needed',
    },
    {
      says: 'two challenges',
      change: { tags: [...good.tags, ['challenge', 'c2']] },
      message: 'exactly one "challenge" tag is needed',
    },
    { says: 'no relay', change: { tags: [['challenge', 'c1']] }, message: 'exactly one "relay" tag is needed' },
    {
      says: 'two relays',
      change: { tags: [...good.tags, ['relay', 'wss://other.example']] },
      message: 'exactly one "relay" tag is needed',
    },
    { says: 'a clock far ahead', change: { created_at: NOW + 601 }, message: 'created_at is more than 10 minutes off' },
    {
      says: 'a clock far behind',
      change: { created_at: NOW - 601 },
      message: 'created_at is more than 10 minutes off',
    },
    { says: 'another relay', change: relay('wss://evil.example'), message: wrongRelay },
    { says: 'a name that begins alike', change: relay('wss://relay.example.evil.example'), message: wrongRelay },
    { says: 'a name that ends alike', change: relay('wss://evilrelay.example'), message: wrongRelay },
    { says: 'the name as a user', change: relay('wss://relay.example@evil.example'), message: wrongRelay },
    { says: 'the name as a path', change: relay('wss://evil.example/relay.example'), message: wrongRelay },
    { says: 'another port', change: relay('wss://relay.example:8443'), message: wrongRelay },
    { says: 'no URL', change: relay('relay.example'), message: wrongRelay },
  ])('is refused with $says', async ({ change, message }) => {
    const refusal = await refusalOf(() => requireRelayAuth(alice.sign({ ...good, ...change }), here))
    expect(refusal).toEqual({ code: 'invalid', message })
  })
})

describe('the host of a URL', () => {
  test.each([
    { url: 'wss://Relay.Example', host: 'relay.example' },
    { url: 'wss://relay.example:443/x', host: 'relay.example' },
    { url: 'ws://relay.example:80', host: 'relay.example' },
    { url: 'ws://relay.example:443', host: 'relay.example:443' },
    { url: 'wss://relay.example:80#a', host: 'relay.example:80' },
    { url: 'http://127.0.0.1:7777?x', host: '127.0.0.1:7777' },
    { url: 'ws://[::1]:7777/', host: '[::1]:7777' },
    { url: 'ftp://relay.example', host: undefined },
    { url: 'wss://', host: undefined },
    { url: 'wss:///path', host: undefined },
    { url: 'wss://user@relay.example', host: undefined },
    { url: ' wss://relay.example', host: undefined },
    { url: '', host: undefined },
  ])('$url is $host', ({ url, host }) => {
    expect(hostOf(url)).toBe(host)
  })
})
