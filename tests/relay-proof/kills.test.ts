import { expect, test } from 'vitest'
import { playKills } from './kills.ts'
import { seed } from './seeds.ts'

test('two hundred kills lose nothing that was acknowledged, under both runtimes', async () => {
  const lanes = [
    { runtime: 'bun', kills: 80 },
    { runtime: 'bun', kills: 80 },
    { runtime: 'node', kills: 40 },
  ] as const
  const { wrong, kills, acknowledged } = await playKills(lanes, seed)
  expect(wrong).toEqual([])
  expect(kills).toBe(200)
  expect(acknowledged).toBeGreaterThan(kills)
})
