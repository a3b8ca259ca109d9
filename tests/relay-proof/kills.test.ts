import { expect, test } from 'vitest'
import { playKills } from './kills.ts'
import { seed } from './seeds.ts'

test('two hundred kills lose nothing that was acknowledged, under both runtimes', { timeout: 400_000 }, async () => {
  const lanes = [
    { runtime: 'bun', kills: 62 },
    { runtime: 'bun', kills: 61 },
    { runtime: 'bun', kills: 61 },
    { runtime: 'node', kills: 16 },
  ] as const
  const { wrong, kills, acknowledged } = await playKills(lanes, seed)
  expect(wrong).toEqual([])
  expect(kills).toBe(200)
  expect(acknowledged).toBeGreaterThan(kills)
})
