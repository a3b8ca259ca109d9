import { expect, test } from 'vitest'
import { createUsages } from './usages.ts'

function usagesOf(stored: Record<string, number>) {
  const asked: string[] = []
  let now = 0
  const usages = createUsages(
    async (key) => {
      asked.push(key)
      if (stored[key] === undefined) throw new Error('unavailable')
      return { events: 1, bytes: stored[key] }
    },
    () => now,
  )
  return { usages, asked, wait: (seconds: number) => (now += seconds) }
}

test('the store is asked once a minute, and what comes meanwhile is added', async () => {
  const stored = { a: 100 }
  const { usages, asked, wait } = usagesOf(stored)
  expect(usages.peek('a')).toBeUndefined()
  usages.add('a', 5)
  expect(await usages.of('a')).toEqual({ events: 2, bytes: 105 })
  usages.add('a', 5)
  expect(usages.peek('a')).toEqual({ events: 3, bytes: 110 })
  stored.a = 50
  wait(59)
  expect(usages.peek('a')).toEqual({ events: 3, bytes: 110 })
  wait(1)
  expect(usages.peek('a')).toEqual({ events: 3, bytes: 110 })
  expect(await usages.of('a')).toEqual({ events: 1, bytes: 50 })
  expect(asked).toEqual(['a', 'a'])
})

test('those who ask for one key hear in the order in which they asked', async () => {
  const { usages } = usagesOf({ a: 100 })
  const heard: number[] = []
  const asking = async (at: number) => {
    await usages.of('a')
    heard.push(at)
  }
  const all: Promise<void>[] = []
  for (let at = 0; at < 8; at++) {
    all.push(asking(at))
    await Promise.resolve()
  }
  await Promise.all(all)
  expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('a store that cannot tell is asked again', async () => {
  const stored: Record<string, number> = {}
  const { usages } = usagesOf(stored)
  await expect(usages.of('a')).rejects.toThrow('unavailable')
  stored.a = 7
  expect(await usages.of('a')).toEqual({ events: 1, bytes: 7 })
})

test('what a key does that nobody asked about is not remembered', async () => {
  const { usages } = usagesOf({ a: 100 })
  usages.add('a', 5)
  expect(await usages.of('a')).toEqual({ events: 1, bytes: 100 })
})
