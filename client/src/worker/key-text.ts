import { bech32 } from '@scure/base'
import { hexToBytes } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'

/** NIP-19: a public key as people see it. */
export const npubOf = (pubkey: string): string => bech32.encodeFromBytes('npub', hexToBytes(pubkey))

/** NIP-19: the 32 bytes of an `nsec1…`, or of 64 hex digits. Throws `invalid` with what is wrong. */
export function readSecret(text: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return hexToBytes(text.toLowerCase())
  if (!text.startsWith('nsec1'))
    throw new Fault('invalid', text.startsWith('npub1') ? 'That is a public key (npub).' : 'That is not a secret key.')
  try {
    const { bytes } = bech32.decodeToBytes(text)
    if (bytes.length === 32) return bytes
  } catch {
    // Reported below: a wrong checksum and a wrong length are the same news.
  }
  throw new Fault('invalid', 'That nsec is not complete or has a typing error.')
}

/** NIP-49, loaded when it is needed: scrypt is large and slow on purpose. */
export async function lockSecret(secret: Uint8Array, password: string): Promise<string> {
  const { encrypt } = await import('nostr-tools/nip49')
  return encrypt(secret, password)
}

/** Opens an `ncryptsec1…`. Throws `invalid` for a wrong password. */
export async function unlockSecret(locked: string, password: string): Promise<Uint8Array> {
  const { decrypt } = await import('nostr-tools/nip49')
  try {
    return decrypt(locked, password)
  } catch (error) {
    throw new Fault('invalid', 'That password does not open this key.', error)
  }
}
