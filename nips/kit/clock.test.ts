import { describe, expect, test } from 'vitest'
import { manualClock } from '#tests/support/clock'
import { systemClock } from './clock.ts'

/** A host whose timers fire when told to. */
function host() {
  const timers = new Map<number, { action: () => void; ms: number }>()
  let count = 0
  const add = (action: () => void, ms: number) => {
    count += 1
    timers.set(count, { action, ms })
    return count
  }
  const remove = (id: number) => void timers.delete(id)
  return {
    timers,
    fire: () => {
      for (const { action } of timers.values()) action()
    },
    Date: { now: () => 1_800_000_000_999 },
    performance: { now: () => 12.5 },
    setTimeout: add,
    setInterval: add,
    clearTimeout: remove,
    clearInterval: remove,
  }
}

describe('the time', () => {
  test('is in whole seconds, and in milliseconds that only go forward', () => {
    const clock = systemClock(host())
    expect([clock.now(), clock.millis()]).toEqual([1_800_000_000, 12.5])
  })

  test('is the time of the machine', () => {
    const clock = systemClock()
    const before = clock.millis()
    expect(clock.now()).toBeGreaterThan(1_700_000_000)
    expect(clock.millis()).toBeGreaterThanOrEqual(before)
  })
})

describe('sleep', () => {
  test('ends when its time has come', async () => {
    const fake = host()
    const sleep = systemClock(fake).sleep(250)
    expect([...fake.timers.values()].map(({ ms }) => ms)).toEqual([250])
    fake.fire()
    await expect(sleep).resolves.toBeUndefined()
  })

  test('does not begin when its signal was aborted already', async () => {
    const fake = host()
    const reason = new Error('over')
    await expect(systemClock(fake).sleep(250, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(fake.timers.size).toBe(0)
  })

  test('ends with the reason of its signal, and leaves no timer behind', async () => {
    const fake = host()
    const controller = new AbortController()
    const sleep = systemClock(fake).sleep(250, controller.signal)
    controller.abort(new Error('over'))
    await expect(sleep).rejects.toThrow('over')
    expect(fake.timers.size).toBe(0)
  })

  test('no longer listens to its signal once it is over', async () => {
    const fake = host()
    const listening = new Set<unknown>()
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: (_name: 'abort', listener: () => void) => void listening.add(listener),
      removeEventListener: (_name: 'abort', listener: () => void) => void listening.delete(listener),
    }
    const sleep = systemClock(fake).sleep(250, signal)
    expect(listening.size).toBe(1)
    fake.fire()
    await sleep
    expect(listening.size).toBe(0)
  })
})

test('what repeats stops when told to', () => {
  const fake = host()
  let calls = 0
  const stop = systemClock(fake).every(1000, () => {
    calls += 1
  })
  fake.fire()
  fake.fire()
  stop()
  fake.fire()
  expect([calls, fake.timers.size]).toEqual([2, 0])
})

describe('a clock moved by hand', () => {
  test('stands still, then shows what has passed', async () => {
    const clock = manualClock(100)
    await clock.advance(0)
    expect([clock.now(), clock.millis()]).toEqual([100, 0])
    await clock.advance(2500)
    expect([clock.now(), clock.millis()]).toEqual([102, 2500])
  })

  test('runs what is due in order of time, with everything it sets off, and shows each its own time', async () => {
    const clock = manualClock()
    const seen: [string, number][] = []
    const nap = async (name: string, ...pauses: number[]) => {
      for (const pause of pauses) {
        await clock.sleep(pause)
        seen.push([name, clock.millis()])
      }
    }
    const stop = clock.every(400, () => seen.push(['every', clock.millis()]))
    void nap('a', 300, 300, 600)
    void nap('b', 500)
    await clock.advance(1000)
    expect(seen).toEqual([
      ['a', 300],
      ['every', 400],
      ['b', 500],
      ['a', 600],
      ['every', 800],
    ])
    stop()
    expect(clock.waiting).toBe(1)
  })

  test('ends a sleep whose signal is aborted, before or during it', async () => {
    const clock = manualClock()
    const controller = new AbortController()
    const sleep = clock.sleep(10, controller.signal)
    controller.abort(new Error('over'))
    await expect(sleep).rejects.toThrow('over')
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow('over')
    expect(clock.waiting).toBe(0)
  })
})
