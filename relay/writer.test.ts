import { describe, expect, test } from 'vitest'
import { Fault } from '#nips/kit/fault'
import { createMemoryStore } from './store/memory.ts'
import type { Entry, Store } from './store/store.ts'
import { entry, unsigned } from './testing/events.ts'
import { createWriter } from './writer.ts'

const note = (content: string): Entry => entry(unsigned({ pubkey: 'a'.repeat(64), content }))

function writing(change: Partial<Store> = {}) {
  const store = createMemoryStore()
  const batches: number[] = []
  const stored: string[] = []
  const waiting: (() => void)[] = []
  const writer = createWriter({
    store: {
      ...store,
      async put(batch) {
        batches.push(batch.length)
        return (change.put ?? store.put)(batch)
      },
    },
    defer: (task) => waiting.push(task),
    onStored: ({ event }, seq) => stored.push(`${seq} ${event.content}`),
  })
  const run = () => {
    for (const task of waiting.splice(0)) task()
  }
  return { writer, batches, stored, run, store }
}

describe('the writer', () => {
  test('puts what comes together into one transaction, in order', async () => {
    const { writer, batches, stored, run } = writing()
    const puts = ['a', 'b', 'b', 'c'].map((content) => writer.put(note(content)))
    run()
    expect((await Promise.all(puts)).map(({ outcome }) => outcome)).toEqual(['stored', 'stored', 'duplicate', 'stored'])
    expect(batches).toEqual([4])
    expect(stored).toEqual(['1 a', '2 b', '3 c'])
  })

  test('answers after the commit, and tells others before', async () => {
    let commit = () => undefined as unknown
    const committed = new Promise<void>((resolve) => {
      commit = resolve
    })
    const { writer, stored, run } = writing({
      async put() {
        await committed
        return [{ outcome: 'stored', seq: 1 }]
      },
    })
    let told: string[] | undefined
    const put = writer.put(note('a')).then(() => {
      told = [...stored]
    })
    run()
    await new Promise(setImmediate)
    expect([told, stored]).toEqual([undefined, []])
    commit()
    await put
    expect(told).toEqual(['1 a'])
  })

  test('what comes during a transaction goes into the next', async () => {
    const store = createMemoryStore()
    const more: Promise<unknown>[] = []
    const { writer, batches, run } = writing({
      put(batch) {
        if (more.length === 0) more.push(writer.put(note('b')), writer.put(note('c')))
        return store.put(batch)
      },
    })
    const one = writer.put(note('a'))
    run()
    await one
    await Promise.all(more)
    expect(batches).toEqual([1, 2])
  })

  test('an event that cannot be written does not take its neighbours with it, and says so', async () => {
    const store = createMemoryStore()
    const { writer, run, stored } = writing({
      async put(batch) {
        if (batch.some(({ event }) => event.content === 'bad')) throw new Error('disk trouble at /secret/path')
        return store.put(batch)
      },
    })
    const puts = ['a', 'bad', 'c'].map((content) => writer.put(note(content)))
    run()
    const results = await Promise.allSettled(puts)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { reason: 'error: the event could not be stored' } })
    expect(stored).toEqual(['1 a', '2 c'])
  })

  test('when the store is in trouble nobody is tried again', async () => {
    const trouble = new Fault('unavailable', 'the disk is full at /secret/path')
    const { writer, run, batches } = writing({ put: () => Promise.reject(trouble) })
    const puts = ['a', 'b'].map((content) => writer.put(note(content)))
    run()
    const reason = { reason: 'error: the event could not be stored' }
    expect(await Promise.allSettled(puts)).toMatchObject([{ reason }, { reason }])
    expect(batches).toEqual([2])
  })

  test('is idle when all is written', async () => {
    const { writer, run, store } = writing()
    void writer.put(note('a'))
    run()
    await writer.idle()
    expect(store.newest()).toBe(1)
    await writer.idle()
  })
})
