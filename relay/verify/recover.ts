import { hash } from 'node:crypto'
import type Addon from 'secp256k1/bindings.js'
import { type Check, ORDER } from './claims.ts'
import { checkWithNoble } from './noble.ts'

const ZERO = Buffer.alloc(32)
const TAG = hash('sha256', 'BIP0340/challenge', 'buffer')
/** First byte of a compressed point whose y is odd. */
const ODD = 3

type Recovery = {
  readonly check: Check
  /**
   * eP - sG, compressed, good until the next call; nothing where P.x is no point's or the sum is infinite.
   * Throws where it cannot be said this way: P.x is n, or e is 0 or not below n.
   */
  negatedNonce(pubkey: Buffer, e: Buffer, s: Buffer): Buffer | undefined
}

/**
 * BIP-340 by libsecp256k1's public-key recovery, for builds of it that have no Schnorr signatures.
 *
 * To verify is to compute R = sG - eP. Recovery computes Q = r⁻¹(s'R' - zG) from an ECDSA signature (r, s') of z, where
 * R' is the point whose x is r. With r = P.x, so that R' = P (even y, as BIP-340 lifts it), s' = e·r and z = s·r this is
 * Q = eP - sG = -R. So the signature holds where Q.x is its first half and Q.y is odd. Where P.x is not below n, ECDSA's
 * r is P.x - n and the recovery id says so.
 */
export function createRecovery(addon: typeof Addon): Recovery {
  // tag, tag, R.x, P.x, id
  const challenge = Buffer.concat([TAG, TAG, Buffer.alloc(96)])
  const key = challenge.subarray(96, 128)
  const s = Buffer.alloc(32)
  const z = Buffer.alloc(32)
  const point = Buffer.alloc(33)
  const signature = Buffer.alloc(64)
  const r = signature.subarray(0, 32)
  const product = signature.subarray(32)

  const negatedNonce: Recovery['negatedNonce'] = (pubkey, e, scalar) => {
    const high = ORDER.compare(pubkey) <= 0
    if (high && ORDER.equals(pubkey)) throw new RangeError('r would be 0')
    pubkey.copy(r)
    if (high) takeOrder(r)
    r.copy(product)
    addon.privateKeyTweakMul(product, e)
    r.copy(z)
    if (scalar.equals(ZERO)) z.fill(0)
    else addon.privateKeyTweakMul(z, scalar)
    try {
      addon.ecdsaRecover(signature, high ? 2 : 0, z, true, point)
      return point
    } catch {
      return undefined
    }
  }

  const check: Check = (slab, at) => {
    slab.copy(challenge, 64, at, at + 96)
    slab.copy(s, 0, at + 96, at + 128)
    if (ORDER.compare(s) <= 0) return false
    try {
      const negated = negatedNonce(key, hash('sha256', challenge, 'buffer'), s)
      return negated !== undefined && negated[0] === ODD && negated.compare(challenge, 64, 96, 1, 33) === 0
    } catch {
      // A challenge that is 0 or not below n, once in 2¹²⁸, or the one key whose x is n.
      return checkWithNoble(slab, at)
    }
  }
  return { check, negatedNonce }
}

const big = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)

/** Subtracts n. */
function takeOrder(value: Buffer): void {
  value.write((big(value) - big(ORDER)).toString(16).padStart(64, '0'), 'hex')
}

export const recover = {
  name: 'recover',
  /** Without the package's JavaScript fallback, which is slower than ours: where nothing is prebuilt this rejects. */
  load: async (): Promise<Check> => createRecovery((await import('secp256k1/bindings.js')).default).check,
}
