import { expect, test } from 'vitest'
import { seed } from '../seeds.ts'
import { breakStore } from './store.ts'

test('a store whose disk fails again and again finds what is in its log, and all that it acknowledged', async () => {
  const { wrong, acknowledged, sent } = await breakStore(100, seed)
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(20)
  expect(sent).toBeGreaterThan(acknowledged)
})
