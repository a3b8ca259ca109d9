import { getToken } from 'nostr-tools/nip98'
import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { sha256Hex } from './kit/bytes.ts'
import { encodeHttpAuth, type HttpCall, httpAuthHeader, replayKey, requireHttpAuth } from './nip98.ts'

const alice = author()
const url = 'https://broker.example/v1/jobs?full=1'
const none = new Uint8Array()
const bytes = (text: string) => new TextEncoder().encode(text)
const get: HttpCall = { method: 'GET', url, body: none }
const post: HttpCall = { method: 'POST', url, body: bytes('{"a": 1}') }

type Change = { kind?: number; created_at?: number; tags?: string[][] }
const header = (call: HttpCall, change: Change = {}) =>
  httpAuthHeader(alice.sign({ ...encodeHttpAuth(call, NOW), ...change }))
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('a signed HTTP request', () => {
  test.each([
    { says: 'without a body', call: get },
    { says: 'with a body', call: post },
    { says: 'with one byte', call: { ...post, body: new Uint8Array([0]) } },
    { says: 'with a body that is no text', call: { ...post, body: new Uint8Array([0, 255, 128]) } },
    { says: 'with a query', call: { ...get, url: `${url}&q=%C3%BC` } },
  ])('$says passes and tells who signed it', ({ call }) => {
    expect(requireHttpAuth(header(call), call, NOW).pubkey).toBe(alice.pubkey)
  })

  test.each([-60, 60])('may be %i seconds off', (off) => {
    expect(requireHttpAuth(header(get), get, NOW + off).pubkey).toBe(alice.pubkey)
  })

  test('may carry the hash of an empty body, and a nonce', () => {
    const template = encodeHttpAuth(get, NOW, 'n1')
    const tags = [...template.tags, ['payload', sha256Hex('')]]
    expect(requireHttpAuth(header(get, { tags }), get, NOW).tags).toEqual(tags)
  })
})

describe('a request that was not signed like this', () => {
  const u = ['u', url]
  const method = ['method', 'POST']
  const payload = ['payload', sha256Hex(post.body)]
  const badUrl = `bad-url: "u" has to be ${url}`
  const badMethod = 'bad-method: "method" has to be POST'
  const notHash = 'payload-mismatch: "payload" is not the SHA-256 of the body as sent'

  test.each([
    { says: 'is of another kind', change: { kind: 22_242 }, message: 'kind: the event is not kind 27235' },
    {
      says: 'is 61 seconds old',
      change: { created_at: NOW - 61 },
      message: 'stale: created_at is more than 60 seconds off',
    },
    {
      says: 'is 61 seconds ahead',
      change: { created_at: NOW + 61 },
      message: 'stale: created_at is more than 60 seconds off',
    },
    {
      says: 'names another host',
      change: { tags: [['u', url.replace('broker', 'evil')], method, payload] },
      message: badUrl,
    },
    {
      says: 'names another path',
      change: { tags: [['u', url.replace('jobs', 'feed')], method, payload] },
      message: badUrl,
    },
    {
      says: 'leaves out the query',
      change: { tags: [['u', url.split('?')[0] ?? ''], method, payload] },
      message: badUrl,
    },
    { says: 'adds to the query', change: { tags: [['u', `${url}&x=1`], method, payload] }, message: badUrl },
    {
      says: 'names another scheme',
      change: { tags: [['u', url.replace('https', 'http')], method, payload] },
      message: badUrl,
    },
    { says: 'names no URL', change: { tags: [method, payload] }, message: 'bad-url: exactly one "u" tag is needed' },
    {
      says: 'names two URLs',
      change: { tags: [u, ['u', 'https://evil.example'], method, payload] },
      message: 'bad-url: exactly one "u" tag is needed',
    },
    { says: 'names another method', change: { tags: [u, ['method', 'PUT'], payload] }, message: badMethod },
    {
      says: 'names the method in small letters',
      change: { tags: [u, ['method', 'post'], payload] },
      message: badMethod,
    },
    {
      says: 'names no method',
      change: { tags: [u, payload] },
      message: 'bad-method: exactly one "method" tag is needed',
    },
    {
      says: 'names two methods',
      change: { tags: [u, method, ['method', 'GET'], payload] },
      message: 'bad-method: exactly one "method" tag is needed',
    },
    { says: 'has no hash of its body', change: { tags: [u, method] }, message: notHash },
    {
      says: 'has the hash of another body',
      change: { tags: [u, method, ['payload', sha256Hex('{"a":2}')]] },
      message: notHash,
    },
    {
      says: 'has the hash of the parsed body',
      change: { tags: [u, method, ['payload', sha256Hex('{"a":1}')]] },
      message: notHash,
    },
    {
      says: 'has the hash in capitals',
      change: { tags: [u, method, ['payload', sha256Hex(post.body).toUpperCase()]] },
      message: notHash,
    },
    {
      says: 'has two hashes',
      change: { tags: [u, method, payload, payload] },
      message: 'payload-mismatch: more than one "payload" tag',
    },
  ])('is refused when it $says', async ({ change, message }) => {
    const refusal = await refusalOf(() => requireHttpAuth(header(post, change), post, NOW))
    expect(refusal).toEqual({ code: 'unauthenticated', message })
  })

  test('is refused when its body was left out on the way', async () => {
    const refusal = await refusalOf(() => requireHttpAuth(header(post), { ...post, body: none }, NOW))
    expect(refusal).toEqual({ code: 'unauthenticated', message: notHash })
  })
})

describe('a header that is no signed request', () => {
  const missing = 'missing: an "Authorization: Nostr <base64 event>" header is needed'
  const noEvent = 'bad-signature: the token is not a signed event'
  const event = alice.sign(encodeHttpAuth(get, NOW))
  const valid = httpAuthHeader(event)

  test.each([
    { says: 'is not there', value: undefined, message: missing },
    { says: 'is empty', value: '', message: missing },
    { says: 'is of another scheme', value: 'Bearer abc', message: missing },
    { says: 'has its scheme in small letters', value: valid.replace('Nostr', 'nostr'), message: missing },
    { says: 'has no token', value: 'Nostr ', message: missing },
    { says: 'has letters outside base64', value: 'Nostr e30*', message: missing },
    { says: 'has two tokens', value: `${valid}, ${valid}`, message: missing },
    { says: 'has base64url', value: 'Nostr e30-_w==', message: missing },
    { says: 'is longer than 8 KB', value: `Nostr ${'A'.repeat(8193)}`, message: missing },
    { says: 'is 8 KB of nothing', value: `Nostr ${'A'.repeat(8192)}`, message: noEvent },
    { says: 'has broken base64', value: 'Nostr e30', message: noEvent },
    { says: 'has no JSON', value: `Nostr ${base64('{')}`, message: noEvent },
    { says: 'has JSON that is no event', value: `Nostr ${base64('{}')}`, message: noEvent },
    { says: 'has no UTF-8', value: 'Nostr /////w==', message: noEvent },
    {
      says: 'has a forged event',
      value: `Nostr ${base64(JSON.stringify({ ...event, content: 'x' }))}`,
      message: noEvent,
    },
    {
      says: 'has a forged signature',
      value: `Nostr ${base64(JSON.stringify({ ...event, sig: '0'.repeat(128) }))}`,
      message: noEvent,
    },
  ])('is refused when it $says', async ({ value, message }) => {
    expect(await refusalOf(() => requireHttpAuth(value, get, NOW))).toEqual({ code: 'unauthenticated', message })
  })
})

describe('the name under which a token is remembered', () => {
  const template = encodeHttpAuth(get, NOW)
  const [one, two] = [alice.sign(template), alice.sign(template)]

  test.each(['GET', 'HEAD'])('tells two %s requests of one second apart', (method) => {
    expect(one.id).toBe(two.id)
    expect(replayKey(one, method)).not.toBe(replayKey(two, method))
    expect(replayKey(one, method)).toBe(replayKey(one, method))
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('takes two signatures over one %s as one', (method) => {
    expect(replayKey(one, method)).toBe(replayKey(two, method))
  })

  test('tells two equal writes with a nonce apart', () => {
    const [first, second] = ['1', '2'].map((nonce) => alice.sign(encodeHttpAuth(post, NOW, nonce)))
    expect(first && replayKey(first, 'POST')).not.toBe(second && replayKey(second, 'POST'))
  })
})

describe('a token of nostr-tools', () => {
  test.each([
    { says: 'a read', call: get, payload: undefined },
    { says: 'a write', call: { ...post, body: bytes('{"a":1}') }, payload: { a: 1 } },
  ])('passes for $says', async ({ call, payload }) => {
    let at = 0
    const sign = (template: { created_at: number }) => {
      at = template.created_at
      return { ...alice.sign(template) }
    }
    const token = await getToken(call.url, call.method, sign, true, payload)
    expect(requireHttpAuth(token, call, at).pubkey).toBe(alice.pubkey)
  })
})
