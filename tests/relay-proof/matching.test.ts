import { expect, test } from 'vitest'
import { proveMatching } from './matching.ts'
import { seed } from './seeds.ts'

test('what is live, what is stored and what is counted answers a million filters as NIP-01 says', async () => {
  const pairs = await proveMatching({ events: 2000, subscriptions: 400 }, seed)
  expect(pairs).toBeGreaterThan(1_000_000)
})
