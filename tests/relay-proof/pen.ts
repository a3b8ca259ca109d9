import { createHash } from 'node:crypto'
import { getPublicKey } from '@noble/secp256k1'
import { type EventTemplate, eventId, generateSecretKey, type NostrEvent } from '#nips/keys'
import { bytesToHex } from '#nips/kit/bytes'

/** The order of secp256k1's group. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** A secret whose public point has an even y, and that point's x (BIP-340). */
type Half = { readonly secret: bigint; readonly x: string }

function newHalf(): Half {
  const bytes = generateSecretKey()
  const point = bytesToHex(getPublicKey(bytes))
  const secret = BigInt(`0x${bytesToHex(bytes)}`)
  return { secret: point.startsWith('02') ? secret : ORDER - secret, x: point.slice(2) }
}

const tag = createHash('sha256').update('BIP0340/challenge').digest()
const nonce = newHalf()

/** Somebody who signs a hundred times quicker than a careful person. */
export type Pen = { readonly pubkey: string; write(template: Partial<EventTemplate>): NostrEvent }

/**
 * Real signatures for load, at the price of the secret: all have one nonce, so that two of them give the key away.
 * Only for keys that live as long as a test.
 */
export function pen(now: () => number): Pen {
  const key = newHalf()
  return {
    pubkey: key.x,
    write(template) {
      const event = { kind: 1, created_at: now(), tags: [], content: '', ...template, pubkey: key.x }
      const id = eventId(event)
      const challenge = createHash('sha256')
        .update(tag)
        .update(tag)
        .update(`${nonce.x}${key.x}${id}`, 'hex')
        .digest('hex')
      const answer = (nonce.secret + BigInt(`0x${challenge}`) * key.secret) % ORDER
      return { ...event, id, sig: nonce.x + answer.toString(16).padStart(64, '0') }
    },
  }
}
