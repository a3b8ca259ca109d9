import { expect, test } from 'vitest'
import { startChores } from './chores.ts'

/** Time that passes when it is slept away; `meanwhile` is done in each pause. */
function stage(work: () => boolean, meanwhile: (pause: number) => void = () => undefined) {
  const pauses: number[] = []
  let now = 0
  const chores = startChores({
    clock: {
      millis: () => now,
      async sleep(ms, signal) {
        if (signal?.aborted || pauses.length > 100) throw new Error('over')
        pauses.push(ms)
        now += ms
        meanwhile(pauses.length)
      },
    },
    work: () => {
      now += 10
      return work()
    },
  })
  return { pauses, chores, settled: () => new Promise((resolve) => setTimeout(resolve, 20)) }
}

test('are done when nothing else is, a fifth of the time, until none is left', async () => {
  let left = 3
  const { pauses, settled } = stage(() => --left > 0)
  await settled()
  expect(left).toBe(0)
  expect(pauses).toEqual([50, 50, 40, 40])
})

test('wait while there is something else, but not for ever', async () => {
  let done = 0
  let busy: () => void = () => undefined
  const { chores, settled } = stage(
    () => {
      done += 1
      return true
    },
    () => busy(),
  )
  busy = chores.busy
  await settled()
  expect(done).toBeGreaterThanOrEqual(3)
  expect(done).toBeLessThanOrEqual(6)
})

test('that fail are tried again after something else was done', async () => {
  let tries = 0
  const { chores, settled } = stage(() => {
    tries += 1
    throw new Error('the disk is full')
  })
  await settled()
  expect(tries).toBe(1)
  chores.busy()
  await settled()
  expect(tries).toBe(2)
  chores.stop()
})
