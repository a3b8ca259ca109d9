import { expect, test } from 'vitest'
import { gatherCrowd } from './crowd.ts'
import { seed } from './seeds.ts'

test('four thousand subscriptions of four hundred clients: each event reaches its own, once', async () => {
  const { wrong, subscriptions, deliveries } = await gatherCrowd({ connections: 400, events: 60, runtime: 'bun' }, seed)
  expect(wrong).toEqual([])
  expect(subscriptions).toBe(4000)
  expect(deliveries).toBe(600)
})
