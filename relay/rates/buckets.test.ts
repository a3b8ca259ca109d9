import { describe, expect, test } from 'vitest'
import { createBuckets } from './buckets.ts'

function bucketsAt(most = 10) {
  let now = 0
  const buckets = createBuckets(() => now, most)
  const take = (name: string, cost: number, rate: number): boolean => {
    const has = buckets.has(name, cost, rate)
    if (has) buckets.spend(name, cost, rate)
    return has
  }
  return { buckets, take, wait: (ms: number) => (now += ms) }
}

describe('a bucket', () => {
  test('begins full and fills up evenly, and never beyond', () => {
    const { take, wait } = bucketsAt()
    expect([take('a', 60, 60), take('a', 1, 60)]).toEqual([true, false])
    wait(999)
    expect(take('a', 1, 60)).toBe(false)
    wait(1)
    expect([take('a', 1, 60), take('a', 1, 60)]).toEqual([true, false])
    wait(3_600_000)
    expect([take('a', 60, 60), take('a', 1, 60)]).toEqual([true, false])
  })

  test('is one for each name', () => {
    const { take } = bucketsAt()
    expect([take('a', 5, 5), take('b', 5, 5), take('a', 1, 5)]).toEqual([true, true, false])
  })

  test('that is full gives more than it holds, and takes the longer to fill up', () => {
    const { take, wait } = bucketsAt()
    expect([take('a', 120, 60), take('a', 1, 60)]).toEqual([true, false])
    wait(60_000)
    expect(take('a', 1, 60)).toBe(false)
    wait(1000)
    expect(take('a', 1, 60)).toBe(true)
  })

  test('has no bottom where the rate is 0, and is not even remembered', () => {
    const { buckets, take } = bucketsAt()
    expect([take('a', 1e9, 0), take('a', 1e9, 0)]).toEqual([true, true])
    expect(buckets.size).toBe(0)
  })

  test('follows a rate that changes', () => {
    const { take, wait } = bucketsAt()
    take('a', 10, 10)
    wait(6000)
    expect(take('a', 100, 1000)).toBe(true)
    expect(take('a', 1, 5)).toBe(false)
  })
})

test('the bucket used longest ago is forgotten when there are too many', () => {
  const { buckets, take } = bucketsAt(3)
  for (const name of ['a', 'b', 'c']) take(name, 5, 5)
  buckets.spend('a', 0, 5)
  take('d', 5, 5)
  expect(buckets.size).toBe(3)
  expect([take('a', 1, 5), take('c', 1, 5), take('b', 1, 5)]).toEqual([false, false, true])
})
