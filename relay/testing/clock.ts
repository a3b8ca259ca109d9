import type { Clock } from '#nips/kit/clock'
import { NOW } from './events.ts'

/** A clock that stands still until a test moves it. */
export type TestClock = Clock & {
  /** Moves the time and runs everything that repeats once. */
  advance(seconds: number): void
}

export function testClock(start = NOW): TestClock {
  let now = start
  const repeating = new Set<() => void>()
  return {
    now: () => now,
    millis: () => now * 1000,
    sleep: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
    every(_ms, action) {
      repeating.add(action)
      return () => repeating.delete(action)
    },
    advance(seconds) {
      now += seconds
      for (const action of [...repeating]) action()
    },
  }
}
