import { sha256 } from '@noble/hashes/sha2.js'
import { hashes, schnorr } from '@noble/secp256k1'
import { bytesToHex, hexToBytes, sha256Hex } from './kit/bytes.ts'

hashes.sha256 = (message) => sha256(message)

/** What an author writes; id, pubkey and signature follow from it and the key. */
export type EventTemplate = { kind: number; created_at: number; tags: string[][]; content: string }
export type NostrEvent = EventTemplate & { id: string; pubkey: string; sig: string }

/** BIP-340 check of a signature over an event id; all three are lower-case hex of the right length. */
export type Verify = (id: string, pubkey: string, sig: string) => boolean

/** A new secret key, 32 bytes. */
export const generateSecretKey = (): Uint8Array => schnorr.keygen().secretKey

/** The x-only public key, 64 hex digits. */
export const publicKeyOf = (secretKey: Uint8Array): string => bytesToHex(schnorr.getPublicKey(secretKey))

/** NIP-01: the id is the SHA-256 of this text. */
export const serialise = (event: EventTemplate & { pubkey: string }): string =>
  JSON.stringify([0, event.pubkey, event.created_at, event.kind, event.tags, event.content])

export const eventId = (event: EventTemplate & { pubkey: string }): string => sha256Hex(serialise(event))

/** Signs a copy; the template stays as it was. */
export function signEvent(template: EventTemplate, secretKey: Uint8Array): NostrEvent {
  const { kind, created_at, content } = template
  const unsigned = {
    kind,
    created_at,
    content,
    tags: template.tags.map((tag) => [...tag]),
    pubkey: publicKeyOf(secretKey),
  }
  const id = eventId(unsigned)
  return { ...unsigned, id, sig: bytesToHex(schnorr.sign(hexToBytes(id), secretKey)) }
}

/** The reference verifier: pure JavaScript, the oracle every faster one is compared with. */
export const verifySchnorr: Verify = (id, pubkey, sig) => {
  try {
    return schnorr.verify(hexToBytes(sig), hexToBytes(id), hexToBytes(pubkey))
  } catch {
    return false
  }
}
