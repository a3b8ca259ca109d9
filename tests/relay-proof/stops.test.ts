import { expect, test } from 'vitest'
import { runtimes } from './runtimes.ts'
import { seed } from './seeds.ts'
import { playStops } from './stops.ts'

test.each(Object.keys(runtimes) as (keyof typeof runtimes)[])(
  'a relay that is told to stop answers everything it has taken, under %s',
  async (runtime) => {
    const { wrong, acknowledged } = await playStops(4, runtime, seed)
    expect(wrong).toEqual([])
    expect(acknowledged).toBeGreaterThan(0)
  },
)
