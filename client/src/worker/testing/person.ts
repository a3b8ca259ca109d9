import { keyCipher } from '#nips/cipher'
import { SignedEvent } from '#nips/event'
import { type EventTemplate, generateSecretKey, signEvent } from '#nips/keys'
import { localSigner, type Signer } from '../signer.ts'

/** Somebody with a new key, who signs at the moment a test says. */
export function person() {
  const secretKey = generateSecretKey()
  const signer: Signer = localSigner(secretKey)
  return {
    signer,
    pubkey: signer.pubkey,
    cipher: keyCipher(secretKey),
    sign: (template: Partial<EventTemplate>): SignedEvent =>
      SignedEvent.open(
        signEvent({ kind: 1, created_at: 1_800_000_000, tags: [], content: '', ...template }, secretKey),
      ),
  }
}
