import { expect, test } from 'vitest'
import { seed } from '../seeds.ts'
import { playPowerCuts } from './cuts.ts'

test('a power cut at any moment loses nothing that was acknowledged', async () => {
  const { wrong, acknowledged } = await playPowerCuts({ acknowledged: 1200, cuts: 220 }, seed)
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(1000)
})

test('and a relay that does not sync its commits is found out', async () => {
  const { wrong } = await playPowerCuts({ acknowledged: 200, cuts: 30, careless: true }, seed)
  expect(wrong.filter((what) => what.endsWith('was acknowledged and is lost')).length).toBeGreaterThan(0)
})
