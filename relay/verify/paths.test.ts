import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { generateSecretKey, signEvent, verifySchnorr } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { type Check, ORDER } from './claims.ts'
import { checkAll, mistakesOf, openFastest, paths } from './paths.ts'
import { vectors } from './vectors.ts'
import type { Claim } from './verifier.ts'

const loaded = await Promise.all(
  paths.map(async ({ name, load }) => ({ name, check: await load().catch(() => undefined) })),
)
/** Every path this machine has. */
const here = loaded.flatMap(({ name, check }) => (check ? [{ name, check }] : []))

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
const crafted = bounds.flatMap((value) => [withR(some(), value), withS(some(), value), withKey(some(), value)])

/** How many claims of each kind; the oracle takes about two milliseconds for each. */
const COUNT = 240
const table = Object.entries(kinds).flatMap(([says, make]) =>
  Array.from({ length: COUNT }, () => ({ says, claim: make() })),
)
const all = [...table, ...crafted.map((claim) => ({ says: 'at a bound', claim }))]
const verdicts = all.map(({ claim }) => verifySchnorr(claim.id, claim.pubkey, claim.sig))

test('the oracle holds some claims for true and most for false', () => {
  const held = verdicts.filter(Boolean).length
  expect(held).toBeGreaterThanOrEqual(COUNT)
  expect(held).toBeLessThan(all.length / 2)
})

test('the paths that need nothing but their package are here', () => {
  expect(here.map(({ name }) => name)).toEqual(expect.arrayContaining(['wasm', 'noble']))
})

describe.each(here)('$name', { timeout: 30_000 }, ({ check }) => {
  test.each(vectors.map((vector, row) => ({ ...vector, row })))('BIP-340, row $row: $says', ({ valid, ...claim }) => {
    expect(checkAll(check, [claim])).toEqual([valid])
  })

  test('reads the claim at its place, and writes nowhere', () => {
    const slab = Buffer.from(new SharedArrayBuffer(1000)).fill(0xa5)
    const before = Buffer.from(slab)
    expect(check(slab, 333)).toBe(false)
    expect(slab.equals(before)).toBe(true)
  })
})

test.each(here.filter(({ name }) => name !== 'noble'))(
  '$name answers as the oracle does',
  ({ check }) => {
    const answers = checkAll(
      check,
      all.map(({ claim }) => claim),
    )
    expect(all.filter((_, at) => answers[at] !== verdicts[at])).toEqual([])
  },
  30_000,
)

describe('the path that is chosen', () => {
  const right = paths[paths.length - 1] as (typeof paths)[number]
  const path = (name: string, check: Check) => ({ name, load: async () => check })
  const absent = { name: 'absent', load: () => Promise.reject(new Error('not installed')) }

  test('is the first that is here', async () => {
    expect(await openFastest(silentLog, [absent, right])).toMatchObject({ name: right.name })
  })

  test.each([
    { says: 'holds everything for true', check: () => true },
    { says: 'holds everything for false', check: () => false },
  ])('is not one that $says, and the log says so', async ({ check }) => {
    const lines: unknown[] = []
    const log = (event: string, fields?: Record<string, unknown>) => void lines.push([event, fields?.path])
    expect(await openFastest(log, [path('wrong', check), right])).toMatchObject({ name: right.name })
    expect(lines).toEqual([['verify.passed-over', 'wrong']])
  })

  test('is none where all are wrong', async () => {
    await expect(openFastest(silentLog, [path('wrong', () => true)])).rejects.toThrow('no path')
  })
})

test('a check that is wrong in one vector is found out', () => {
  const oracle = paths.at(-1)
  const row = vectors.findIndex(({ says }) => says.includes('has_even_y(R) is false'))
  let asked = 0
  const wrongOnce: Check = () => vectors[asked]?.valid !== (asked++ === row)
  expect(oracle?.name).toBe('noble')
  expect(mistakesOf(wrongOnce)).toEqual([vectors[row]?.says])
})
