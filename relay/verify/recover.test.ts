import { randomBytes } from 'node:crypto'
import { Point } from '@noble/secp256k1'
import { describe, expect, test } from 'vitest'
import { ORDER } from './claims.ts'
import { createRecovery } from './recover.ts'

const addon = await import('secp256k1/bindings.js').catch(() => undefined)

const n = BigInt(`0x${ORDER.toString('hex')}`)
const bytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const scalar = (): bigint => BigInt(`0x${randomBytes(40).toString('hex')}`) % n

/** The point with this x and an even y. */
function lifted(x: bigint): Point | undefined {
  try {
    return Point.fromHex(`02${bytes(x).toString('hex')}`)
  } catch {
    return undefined
  }
}

/** x-coordinates of `count` points, from `x` on. */
function keysFrom(x: bigint, count: number): bigint[] {
  const found: bigint[] = []
  for (let at = x; found.length < count; at++) if (lifted(at)) found.push(at)
  return found
}

/** Keys whose x is no scalar, since it is not below n. Nobody knows a secret key to one, so no signature gets there. */
const highKeys = keysFrom(n + 1n, 10)
const keys = keysFrom(scalar(), 10)

describe.skipIf(addon === undefined)('the nonce by recovery', () => {
  const { negatedNonce } = createRecovery(addon?.default as never)
  const nonce = (x: bigint, e: bigint, s: bigint): string | undefined =>
    negatedNonce(bytes(x), bytes(e), bytes(s))?.toString('hex')

  test.each([
    { says: 'a key', among: keys },
    { says: 'a key whose x is not below n', among: highKeys },
    { says: 'one of the smallest keys', among: keysFrom(1n, 10) },
  ])('of $says is what curve arithmetic says: eP - sG', ({ among }) => {
    for (const x of among) {
      const [e, s] = [scalar(), scalar()]
      const expected = lifted(x)?.multiply(e).add(Point.BASE.multiply(s).negate()).toHex()
      expect(nonce(x, e, s)).toBe(expected)
    }
  })

  test('is eP where s is 0', () => {
    const [x, e] = [keys[0] ?? 0n, scalar()]
    expect(nonce(x, e, 0n)).toBe(lifted(x)?.multiply(e).toHex())
  })

  test('is none where the sum is infinite', () => {
    const [secret, e] = [scalar(), scalar()]
    const point = Point.BASE.multiply(secret)
    const even = point.toHex().startsWith('02') ? secret : n - secret
    expect(nonce(point.toAffine().x, e, (e * even) % n)).toBeUndefined()
  })

  test.each([0n, 5n, 2n ** 256n - 1n, 2n ** 256n - 2n ** 32n - 977n])('is none where x is no point’s: %i', (x) => {
    expect(lifted(x)).toBeUndefined()
    expect(nonce(x, scalar(), scalar())).toBeUndefined()
  })

  test('cannot be said for the point whose x is n', () => {
    expect(lifted(n)).toBeDefined()
    expect(() => nonce(n, scalar(), scalar())).toThrow('r would be 0')
  })

  test.each([0n, n, n + 1n])('cannot be said for a challenge of %i', (e) => {
    expect(() => nonce(keys[0] ?? 0n, e, 1n)).toThrow()
  })
})
