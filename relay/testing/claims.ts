import { randomBytes } from 'node:crypto'
import { generateSecretKey, signEvent, verifySchnorr } from '#nips/keys'
import { ORDER } from '../verify/claims.ts'
import { type OpenPath, paths } from '../verify/paths.ts'
import type { Claim } from '../verify/verifier.ts'

/** Every path this machine has. */
export async function pathsHere(): Promise<OpenPath[]> {
  const loaded = await Promise.all(
    paths.map(async ({ name, load }) => ({ name, check: await load().catch(() => undefined) })),
  )
  return loaded.flatMap(({ name, check }) => (check ? [{ name, check }] : []))
}

const hex32 = (value: bigint): string => value.toString(16).padStart(64, '0')
const n = BigInt(`0x${ORDER.toString('hex')}`)
const p = 2n ** 256n - 2n ** 32n - 977n

const keys = Array.from({ length: 20 }, generateSecretKey)
const signed = Array.from({ length: 400 }, (_, at) =>
  signEvent({ kind: 1, created_at: at, tags: [], content: '' }, keys[at % keys.length] as Uint8Array),
)
const some = (): Claim => signed[Math.floor(Math.random() * signed.length)] as Claim

/** Another hex text, in one bit. */
function flipped(text: string): string {
  const bytes = Buffer.from(text, 'hex')
  const bit = Math.floor(Math.random() * bytes.length * 8)
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bytes.toString('hex')
}

const halves = (sig: string): [r: string, s: string] => [sig.slice(0, 64), sig.slice(64)]
const withR = (claim: Claim, r: bigint): Claim => ({ ...claim, sig: hex32(r) + halves(claim.sig)[1] })
const withS = (claim: Claim, s: bigint): Claim => ({ ...claim, sig: halves(claim.sig)[0] + hex32(s) })
const withKey = (claim: Claim, key: bigint): Claim => ({ ...claim, pubkey: hex32(key) })

/** Numbers around every bound that a scalar or a coordinate has. */
const bounds = [
  0n,
  1n,
  2n,
  n - 1n,
  n,
  n + 1n,
  n + 2n,
  n + 3n,
  n + 4n,
  p - 1n,
  p,
  p + 1n,
  2n ** 256n - 1n,
  p - n,
  p - n - 1n,
]

const kinds: Record<string, () => Claim> = {
  'as signed': some,
  'with a flipped bit in the id': () => {
    const claim = some()
    return { ...claim, id: flipped(claim.id) }
  },
  'with a flipped bit in the key': () => {
    const claim = some()
    return { ...claim, pubkey: flipped(claim.pubkey) }
  },
  'with a flipped bit in the signature': () => {
    const claim = some()
    return { ...claim, sig: flipped(claim.sig) }
  },
  'with another’s signature': () => ({ ...some(), sig: some().sig }),
  'with another’s key': () => ({ ...some(), pubkey: some().pubkey }),
  'with its halves swapped': () => {
    const claim = some()
    return { ...claim, sig: halves(claim.sig).reverse().join('') }
  },
  'with s negated': () => {
    const claim = some()
    return withS(claim, n - BigInt(`0x${halves(claim.sig)[1]}`))
  },
  'of random bytes': () => ({
    id: randomBytes(32).toString('hex'),
    pubkey: randomBytes(32).toString('hex'),
    sig: randomBytes(64).toString('hex'),
  }),
}
const atBounds = (): Claim[] =>
  bounds.flatMap((value) => [withR(some(), value), withS(some(), value), withKey(some(), value)])

/** A claim with what it is like and what the oracle says of it. */
export type Judged = { readonly says: string; readonly claim: Claim; readonly holds: boolean }

/** So many claims of each kind, and one for each bound; the oracle takes about two milliseconds for each. */
export function judgedClaims(count: number): Judged[] {
  const table = Object.entries(kinds).flatMap(([says, make]) =>
    Array.from({ length: count }, () => ({ says, claim: make() })),
  )
  const all = [...table, ...atBounds().map((claim) => ({ says: 'at a bound', claim }))]
  return all.map(({ says, claim }) => ({ says, claim, holds: verifySchnorr(claim.id, claim.pubkey, claim.sig) }))
}
