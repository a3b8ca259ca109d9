import { describe, expect, test } from 'vitest'
import { silentLog } from '#nips/kit/log'
import { judgedClaims, pathsHere } from '../testing/claims.ts'
import type { Check } from './claims.ts'
import { checkAll, mistakesOf, openFastest, paths } from './paths.ts'
import { vectors } from './vectors.ts'

const here = await pathsHere()

/** Of each kind. */
const COUNT = 240
const judged = judgedClaims(COUNT)

test('the oracle holds some claims for true and most for false', () => {
  const held = judged.filter(({ holds }) => holds).length
  expect(held).toBeGreaterThanOrEqual(COUNT)
  expect(held).toBeLessThan(judged.length / 2)
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
    const claims = judged.map(({ claim }) => claim)
    const answers = checkAll(check, claims)
    expect(judged.filter(({ holds }, at) => answers[at] !== holds)).toEqual([])
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
