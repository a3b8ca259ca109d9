import type { Claim } from './verifier.ts'

/**
 * Bytes of one claim in a slab: the signature's R.x, the public key, the event id, and the signature's s, 32 each.
 * The first 96 stand in the order in which BIP-340 hashes them.
 */
export const CLAIM = 128

/** The order of the group: a scalar that is not below it is none. Big-endian, like every number here. */
export const ORDER = Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex')

/** BIP-340 over the claim that starts at byte `at`. Never throws. */
export type Check = (slab: Buffer, at: number) => boolean

/** Writes claims one behind the other. Their hex was checked when their shape was. */
export function writeClaims(slab: Buffer, claims: readonly Claim[]): void {
  let at = 0
  for (const { id, pubkey, sig } of claims) {
    slab.write(sig, at, 32, 'hex')
    slab.write(pubkey, at + 32, 32, 'hex')
    slab.write(id, at + 64, 32, 'hex')
    slab.write(sig.slice(64), at + 96, 32, 'hex')
    at += CLAIM
  }
}
