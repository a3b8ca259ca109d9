import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import type { EventTemplate } from '#nips/keys'
import { entry, NOW, unsigned } from '../testing/events.ts'
import type { Store } from './store.ts'

const [ann, ben] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string]
const note = (fields: Partial<EventTemplate> & { pubkey?: string } = {}) => unsigned({ pubkey: ann, ...fields })

/** What every store has to do besides answering filters. `open` gives an empty one. */
export function describeAccounts(name: string, open: () => Store): void {
  let store: Store
  const put = (...events: SignedEvent[]) => store.put(events.map(entry))

  beforeEach(() => {
    store = open()
  })
  afterEach(() => store.close())

  describe(`${name} keeps lists and accounts`, () => {
    test('an operator enters a value with a note, changes it, and takes it off', async () => {
      await store.enter('banned', ann, 'noise')
      await store.enter('banned', ben, 'more noise')
      await store.enter('banned', ann, '')
      await store.enter('other', ann, 'x')
      expect([...store.list('banned')].sort()).toEqual([
        [ann, ''],
        [ben, 'more noise'],
      ])
      await store.enter('banned', ann, undefined)
      expect([...store.list('banned').keys()]).toEqual([ben])
      expect(store.list('nothing').size).toBe(0)
    })

    test('what a key has stored counts its events and their bytes, and not what is gone', async () => {
      const events = [note({ content: 'ü' }), note({ kind: 0 }), note({ kind: 0, created_at: NOW + 1 })]
      await put(...events)
      const bytes = (some: SignedEvent[]) => some.reduce((sum, one) => sum + Buffer.byteLength(entry(one).json), 0)
      const kept = events.filter((_one, at) => at !== 1)
      expect(await store.usage(ann)).toEqual({ events: 2, bytes: bytes(kept) })
      expect(await store.usage(ben)).toEqual({ events: 0, bytes: 0 })
      await store.erase(events.map(({ id }) => id))
      expect(await store.usage(ann)).toEqual({ events: 0, bytes: 0 })
    })

    test('arrivals come in their order, whoever may read them', async () => {
      await put(note({ created_at: NOW + 5 }), note({ kind: 1059 }), note({ created_at: NOW - 5 }))
      expect((await store.arrivals(0, 2)).map(({ seq }) => seq)).toEqual([1, 2])
      expect((await store.arrivals(2, 2)).map(({ seq, createdAt }) => [seq, createdAt])).toEqual([[3, NOW - 5]])
    })
  })
}
