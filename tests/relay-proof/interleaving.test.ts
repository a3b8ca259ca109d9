import { test } from 'vitest'
import { proveInterleavings } from './interleaving.ts'
import { seed } from './seeds.ts'

test('no subscription misses an event or gets one twice in ten thousand interleavings', async () => {
  await proveInterleavings(10_000, seed)
})
