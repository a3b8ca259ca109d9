import { bech32 } from '@scure/base'
import { expect, test } from 'vitest'
import { generateSecretKey } from '#nips/keys'
import { bytesToHex } from '#nips/kit/bytes'
import { lockSecret, npubOf, readSecret, unlockSecret } from './key-text.ts'

test('a secret is read from an nsec and from hex, and said to be wrong by name', () => {
  const secret = generateSecretKey()
  expect(readSecret(bech32.encodeFromBytes('nsec', secret))).toEqual(secret)
  expect(readSecret(bytesToHex(secret).toUpperCase())).toEqual(secret)
  expect(() => readSecret(npubOf('a'.repeat(64)))).toThrow('That is a public key (npub).')
  expect(() => readSecret('hello')).toThrow('That is not a secret key.')
  expect(() => readSecret(bech32.encodeFromBytes('nsec', secret).slice(0, -1))).toThrow('not complete')
})

test('a locked key opens with its password and no other', async () => {
  const secret = generateSecretKey()
  const locked = await lockSecret(secret, 'correct horse')
  expect(locked).toMatch(/^ncryptsec1/)
  expect(await unlockSecret(locked, 'correct horse')).toEqual(secret)
  await expect(unlockSecret(locked, 'wrong horse')).rejects.toThrow('That password does not open this key.')
})
