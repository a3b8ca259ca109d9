import { type Cipher, keyCipher } from '#nips/cipher'
import { SignedEvent } from '#nips/event'
import { type EventTemplate, generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'

/** The moment tests happen at, in seconds. */
export const NOW = 1_800_000_000

/** Somebody with a fresh key who can sign and seal. */
export type Author = {
  readonly secretKey: Uint8Array
  readonly pubkey: string
  readonly cipher: Cipher
  /** Signs; what is left out is kind 1 at NOW, without tags and text. */
  sign(template?: Partial<EventTemplate>): SignedEvent
}

export function author(): Author {
  const secretKey = generateSecretKey()
  return {
    secretKey,
    pubkey: publicKeyOf(secretKey),
    cipher: keyCipher(secretKey),
    sign: (template = {}) =>
      SignedEvent.open(signEvent({ kind: 1, created_at: NOW, tags: [], content: '', ...template }, secretKey)),
  }
}
