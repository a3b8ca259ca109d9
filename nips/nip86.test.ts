import { describe, expect, test } from 'vitest'
import { generateSecretKey, type NostrEvent, publicKeyOf, signEvent, verifySchnorr } from './keys.ts'
import { readManagementCall, requireManagementAuth } from './nip86.ts'
import { encodeHttpAuth, httpAuthHeader } from './nip98.ts'

const NOW = 1_800_000_000
const secret = generateSecretKey()
const hosts = ['relay.example', '127.0.0.1:7777']
const body = '{"method":"supportedmethods","params":[]}'

const signed = async ({ id, pubkey, sig }: NostrEvent) => verifySchnorr(id, pubkey, sig)
const ask = (url: string, said = body, asked = body) => {
  const call = { method: 'POST', url, body: new TextEncoder().encode(said) }
  return requireManagementAuth(httpAuthHeader(signEvent(encodeHttpAuth(call, NOW), secret)), {
    hosts,
    body: asked,
    now: NOW,
    signed,
  })
}

describe('whoever asks a relay to be managed', () => {
  test.each([
    'https://relay.example',
    'wss://relay.example/',
    'https://relay.example:443/',
    'http://127.0.0.1:7777',
    'ws://127.0.0.1:7777/',
  ])('names it as %s', async (url) => {
    expect((await ask(url)).pubkey).toBe(publicKeyOf(secret))
  })

  test.each([
    'https://other.example',
    'https://relay.example/path',
    'https://relay.example/?a',
    'https://relay.example#a',
    'https://a@relay.example',
    'http://127.0.0.1:7778',
    'relay.example',
    '',
  ])('does not name it as %j', async (url) => {
    await expect(ask(url)).rejects.toThrow(/^bad-url/)
  })

  test('signs what is asked', async () => {
    await expect(ask('https://relay.example', body, `${body} `)).rejects.toThrow(/^payload-mismatch/)
    await expect(ask('https://relay.example', '', '')).rejects.toThrow(/^payload-mismatch/)
    await expect(ask('https://relay.example', '')).rejects.toThrow(/^payload-mismatch/)
  })
})

describe('what is asked', () => {
  test('is a method and its parameters', () => {
    expect(readManagementCall('{"method":"banpubkey","params":["x",1]}')).toEqual({
      method: 'banpubkey',
      params: ['x', 1],
    })
    expect(readManagementCall('{"method":"listbannedpubkeys"}').params).toEqual([])
  })

  test.each(['', '[]', 'null', '{}', '{"method":1}', '{"method":"x","params":{}}', `{"method":"${'x'.repeat(65)}"}`])(
    'is not %j',
    (text) => {
      expect(() => readManagementCall(text)).toThrow(/has to be/)
    },
  )
})
