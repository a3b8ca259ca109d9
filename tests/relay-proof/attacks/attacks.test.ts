import { describe, expect, test } from 'vitest'
import { seed } from '../seeds.ts'
import { assaults } from './assaults.ts'
import { fight } from './battle.ts'

/** MiB that an assault may cost: what twenty clients may have waiting, and as much again. */
const COST = 320

const rows = Object.entries(assaults).map(([name, assault], at) => ({
  name,
  ...assault,
  // One runtime each, and the other one with the next seed.
  runtime: (at + seed) % 2 === 0 ? ('bun' as const) : ('node' as const),
}))

describe('everybody else is answered, and memory stays bounded, during', () => {
  test.each(rows)('$name ($runtime)', async ({ run, runtime, size, env = {} }) => {
    const { sent, unanswered, before, most } = await fight(run, { runtime, size, seed, env })
    expect(sent).toBeGreaterThan(0)
    expect(unanswered, `seed ${seed}`).toBe(0)
    expect(most - before).toBeLessThan(COST)
  })
})
