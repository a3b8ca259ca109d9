import { expect, test } from 'vitest'
import { seed } from '../seeds.ts'
import { playPowerCuts } from './cuts.ts'

test('a power cut at any moment loses nothing that was acknowledged', async () => {
  const { wrong, acknowledged } = await playPowerCuts({ acknowledged: 1000, cuts: 120 }, seed)
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(800)
})

test('nor while what is new is carried into the index', async () => {
  const { wrong, acknowledged } = await playPowerCuts({ acknowledged: 800, cuts: 100, generation: 16 }, seed)
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(600)
})

test('and a relay that does not sync its commits is found out', async () => {
  const { wrong } = await playPowerCuts({ acknowledged: 200, cuts: 30, careless: true }, seed)
  expect(wrong.filter((what) => what.endsWith('was acknowledged and is lost')).length).toBeGreaterThan(0)
})
