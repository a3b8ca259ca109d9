import { decrypt, encrypt, getConversationKey } from 'nostr-tools/nip44'
import { describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { keyCipher } from './cipher.ts'

const alice = author()
const bob = author()
const carol = author()
const [ofAlice, ofBob, ofCarol] = [alice, bob, carol].map(({ secretKey }) => keyCipher(secretKey)) as [
  ReturnType<typeof keyCipher>,
  ReturnType<typeof keyCipher>,
  ReturnType<typeof keyCipher>,
]

const texts = [
  { says: 'one letter', plain: 'a' },
  { says: 'every kind of character', plain: '\u0000\u0001"\\\n ü € 😀 \u2028' },
  { says: 'JSON', plain: JSON.stringify([['i', 'hello', 'text']]) },
  { says: '65,535 bytes', plain: 'a'.repeat(65_535) },
  { says: '65,535 bytes of two', plain: `${'ü'.repeat(32_767)}a` },
  { says: '65,535 bytes of three', plain: '€'.repeat(21_845) },
  { says: '65,535 bytes, the last of one', plain: '\u007f'.repeat(65_535) },
  { says: '65,534 bytes, the first of two', plain: '\u0080'.repeat(32_767) },
  { says: '65,534 bytes, the last of two', plain: '\u07ff'.repeat(32_767) },
  { says: '65,535 bytes, the first of three', plain: '\u0800'.repeat(21_845) },
  { says: '65,535 bytes, the last of three', plain: '\uffff'.repeat(21_845) },
  { says: '65,535 bytes of four', plain: `${'😀'.repeat(16_383)}abc` },
]

describe('NIP-44', () => {
  test.each(texts)('seals $says so that both sides can read it', ({ plain }) => {
    const sealed = ofAlice.encrypt(bob.pubkey, plain)
    expect(ofBob.decrypt(alice.pubkey, sealed)).toBe(plain)
    expect(ofAlice.decrypt(bob.pubkey, sealed)).toBe(plain)
  })

  test('never seals the same text twice alike', () => {
    expect(ofAlice.encrypt(bob.pubkey, 'x')).not.toBe(ofAlice.encrypt(bob.pubkey, 'x'))
  })

  test.each(texts)('is what nostr-tools writes and reads: $says', ({ plain }) => {
    const key = getConversationKey(bob.secretKey, alice.pubkey)
    expect(decrypt(ofAlice.encrypt(bob.pubkey, plain), key)).toBe(plain)
    expect(ofAlice.decrypt(bob.pubkey, encrypt(plain, key))).toBe(plain)
  })

  test.each([
    { says: 'letters', plain: 'a'.repeat(65_536) },
    { says: 'two-byte letters', plain: 'ü'.repeat(32_768) },
    { says: 'three-byte letters', plain: `${'€'.repeat(21_845)}a` },
    { says: 'the first of two bytes', plain: '\u0080'.repeat(32_768) },
    { says: 'the first of three bytes', plain: `${'\u0800'.repeat(21_845)}a` },
    { says: 'the first of four bytes', plain: '\u{10000}'.repeat(16_384) },
    { says: 'four-byte letters', plain: '😀'.repeat(16_384) },
  ])('refuses 65,536 bytes of $says, which older libraries cannot read', async ({ plain }) => {
    const refusal = await refusalOf(() => ofAlice.encrypt(bob.pubkey, plain))
    expect(refusal).toEqual({ code: 'too-large', message: 'text over 65535 bytes cannot be encrypted' })
  })
})

describe('what cannot be opened', () => {
  const sealed = ofAlice.encrypt(bob.pubkey, 'for bob')
  const last = sealed.at(-6) === 'A' ? 'B' : 'A'

  test.each([
    { says: 'is read by a stranger', open: () => ofCarol.decrypt(alice.pubkey, sealed) },
    { says: 'names another sender', open: () => ofBob.decrypt(carol.pubkey, sealed) },
    { says: 'was changed', open: () => ofBob.decrypt(alice.pubkey, sealed.slice(0, -6) + last + sealed.slice(-5)) },
    { says: 'was cut', open: () => ofBob.decrypt(alice.pubkey, sealed.slice(0, -4)) },
    { says: 'is of another version', open: () => ofBob.decrypt(alice.pubkey, `#${sealed.slice(1)}`) },
    { says: 'is NIP-04', open: () => ofBob.decrypt(alice.pubkey, 'Zm9v?iv=YmFyYmFyYmFyYmFyYmFyYg==') },
    { says: 'is plain text', open: () => ofBob.decrypt(alice.pubkey, 'hello') },
    { says: 'is nothing', open: () => ofBob.decrypt(alice.pubkey, '') },
    { says: 'comes from a key that is none', open: () => ofBob.decrypt('f'.repeat(64), sealed) },
  ])('is refused when it $says', async ({ open }) => {
    expect(await refusalOf(open)).toEqual({ code: 'invalid', message: 'cannot be decrypted (NIP-44 v2 expected)' })
  })
})

test('many peers do not make a cipher forget how to read the first', () => {
  const sealed = ofBob.encrypt(alice.pubkey, 'still here')
  for (let peer = 0; peer < 20; peer += 1) ofAlice.encrypt(author().pubkey, 'x')
  expect(ofAlice.decrypt(bob.pubkey, sealed)).toBe('still here')
})
