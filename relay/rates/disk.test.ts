import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { silentLog } from '#nips/kit/log'
import { testClock } from '../testing/clock.ts'
import { watchDisk } from './disk.ts'

test('a disk is full below its reserve, and has room again by itself', async () => {
  const clock = testClock()
  const logged: string[] = []
  let bavail = 50
  const disk = await watchDisk({
    path: '/',
    reserve: () => 5,
    clock,
    log: (event) => logged.push(event),
    measure: async () => {
      if (bavail < 0) throw new Error('gone')
      return { blocks: 1000, bavail }
    },
  })
  const lookAgain = async (free: number) => {
    bavail = free
    clock.advance(5)
    await new Promise(setImmediate)
    return disk.isFull()
  }
  expect(disk.isFull()).toBe(false)
  expect([await lookAgain(49), await lookAgain(49), await lookAgain(50)]).toEqual([true, true, false])
  expect([await lookAgain(0), await lookAgain(-1)]).toEqual([true, false])
  expect(logged).toEqual(['disk.full', 'disk.free', 'disk.full', 'disk.free', 'disk.unknown'])
  disk.close()
  expect(await lookAgain(0)).toBe(false)
})

test.each([
  { reserve: 0, full: false },
  { reserve: 100, full: true },
])('the real disk with a reserve of $reserve percent is full: $full', async ({ reserve, full }) => {
  const disk = await watchDisk({ path: tmpdir(), reserve: () => reserve, clock: testClock(), log: silentLog })
  expect(disk.isFull()).toBe(full)
  disk.close()
})
