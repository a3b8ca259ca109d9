import { expect, test } from 'vitest'
import { takeBackups } from './backups.ts'
import { seed } from './seeds.ts'

test('a backup that is taken while events are written is whole and has all that was acknowledged before', async () => {
  const { wrong, acknowledged } = await takeBackups(8, seed)
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(100)
})
