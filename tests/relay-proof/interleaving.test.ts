import { test } from 'vitest'
import { proveInterleavings, proveInterleavingsOnDisk } from './interleaving.ts'
import { seed } from './seeds.ts'

test('no subscription misses an event or gets one twice in ten thousand interleavings', async () => {
  await proveInterleavings(10_000, seed)
})

test('nor over a file that other threads write', async () => {
  await proveInterleavingsOnDisk(150, seed)
})
