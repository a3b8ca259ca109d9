import { decrypt, encrypt, getConversationKey } from 'nostr-tools/nip44'
import { utf8Length } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** NIP-44 v2 between one own key and others. A remote signer answers later, hence the promises. */
export type Cipher = {
  /** Throws `too-large` above 65,535 bytes of UTF-8, which older libraries cannot read. */
  encrypt(peer: string, plain: string): string | Promise<string>
  /** Throws `invalid` for text that is not NIP-44 from that peer. */
  decrypt(peer: string, sealed: string): string | Promise<string>
}

/** How many peers' conversation keys are remembered: making one costs 7 to 21 ms. */
const REMEMBERED = 1000
const MAX_PLAIN = 65_535

/** A cipher that holds its key. */
export function keyCipher(secretKey: Uint8Array): {
  encrypt(peer: string, plain: string): string
  decrypt(peer: string, sealed: string): string
} {
  const known = new Map<string, Uint8Array>()
  const conversation = (peer: string): Uint8Array => {
    const key = known.get(peer) ?? getConversationKey(secretKey, peer)
    known.delete(peer)
    known.set(peer, key)
    const oldest = known.size > REMEMBERED ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    return key
  }
  return {
    encrypt(peer, plain) {
      if (utf8Length(plain) > MAX_PLAIN)
        throw new Fault('too-large', `text over ${MAX_PLAIN} bytes cannot be encrypted`)
      return encrypt(plain, conversation(peer))
    },
    decrypt(peer, sealed) {
      try {
        return decrypt(sealed, conversation(peer))
      } catch (error) {
        throw new Fault('invalid', 'cannot be decrypted (NIP-44 v2 expected)', error)
      }
    },
  }
}
