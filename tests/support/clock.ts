import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#nips/kit/clock'

export type ManualClock = Clock & {
  /**
   * Lets `ms` milliseconds pass: everything due runs in the order of its time, and what that sets off (promises, further
   * sleeps) has run too before the next. `advance(0)` only lets promises settle.
   */
  advance(ms: number): Promise<void>
  /** How many sleeps and repetitions are under way. */
  readonly waiting: number
}

type Timer = { due: number; readonly period: number | undefined; readonly action: () => void }

/** A clock that stands still until a test moves it. `start` is in seconds. */
export function manualClock(start = 1_800_000_000): ManualClock {
  const timers = new Set<Timer>()
  let at = 0
  const add = (ms: number, period: number | undefined, action: () => void): (() => void) => {
    const timer = { due: at + ms, period, action }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0]
  const fire = (timer: Timer): void => {
    at = Math.max(at, timer.due)
    if (timer.period === undefined) timers.delete(timer)
    else timer.due += Math.max(1, timer.period)
    timer.action()
  }
  return {
    now: () => start + Math.floor(at / 1000),
    millis: () => at,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          cancel()
          reject(signal?.reason)
        }
        const cancel = add(ms, undefined, () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        })
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    every: (ms, action) => add(ms, ms, action),
    async advance(ms) {
      const until = at + ms
      await setImmediate()
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        fire(timer)
        await setImmediate()
      }
      at = until
    },
    get waiting() {
      return timers.size
    },
  }
}
