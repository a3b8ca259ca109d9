import { expect, test } from 'vitest'
import { seed } from './seeds.ts'
import { playSiblings } from './siblings.ts'

test('two relays over one file tell their listeners of each note once', async () => {
  const { wrong, published, listeners } = await playSiblings(60, ['bun', 'node'], seed)
  expect(wrong).toEqual([])
  expect(published).toBe(360)
  expect(listeners).toBe(6)
})
