import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import type { Filter } from '#nips/filter'
import type { EventTemplate } from '#nips/keys'
import { readerOf, stranger } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import type { Store } from './store.ts'

const [ann, ben] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string]
const note = (fields: Partial<EventTemplate> & { pubkey?: string } = {}) => unsigned({ pubkey: ann, ...fields })

/** What every store has to do about searches (NIP-50). `open` gives an empty one. */
export function describeWords(name: string, open: () => Store): void {
  let store: Store
  const put = (...events: SignedEvent[]) => store.put(events.map(entry))

  async function find(filter: Filter, reader = stranger): Promise<string[]> {
    const read = { filter: { limit: 500, ...filter }, reader, now: NOW, upTo: store.newest() }
    return (await store.read(read)).rows.map(({ id }) => id)
  }

  beforeEach(() => {
    store = open()
  })
  afterEach(() => store.close())

  describe(`${name} finds words`, () => {
    const apps = note({ content: 'The best Nostr apps', created_at: NOW - 3 })
    const both = note({ kind: 30_023, content: 'nostr, and again: APPS', created_at: NOW - 2, pubkey: ben })
    const apples = note({ content: 'nostr äpples', created_at: NOW - 1 })
    const wrap = note({ kind: 1059, content: 'nostr apps', tags: [['p', ann]] })
    test.each<{ says: string; filter: Filter; finds: SignedEvent[] }>([
      { says: 'all of them', filter: { search: 'nostr apps' }, finds: [apps, both] },
      { says: 'whole ones', filter: { search: 'app' }, finds: [] },
      { says: 'in any script', filter: { search: 'äpples' }, finds: [apples] },
      { says: 'of a kind', filter: { search: 'nostr', kinds: new Set([30_023]) }, finds: [both] },
      { says: 'of an author', filter: { search: 'nostr', authors: new Set([ben]) }, finds: [both] },
      { says: 'by id', filter: { search: 'nostr', ids: new Set([apps.id, wrap.id]) }, finds: [apps] },
      { says: 'up to a date', filter: { search: 'nostr', until: NOW - 2 }, finds: [apps, both] },
      { says: 'never in what is private', filter: { search: 'nostr', kinds: new Set([1059]) }, finds: [] },
      { says: 'and no commands', filter: { search: 'nostr" OR apps NOT (' }, finds: [] },
      { says: 'no more than the limit', filter: { search: 'nostr', limit: 0 }, finds: [] },
    ])('$says', async ({ filter, finds }) => {
      await put(apps, both, apples, wrap)
      expect((await find(filter, readerOf([ann]))).sort()).toEqual(finds.map(({ id }) => id).sort())
    })

    test('not of what is gone', async () => {
      await put(apps, both)
      expect(await find({ search: 'nostr' })).toHaveLength(2)
      expect(await store.erase([apps.id])).toBe(1)
      expect(await find({ search: 'nostr' })).toEqual([both.id])
    })

    test('and says where they stand in the order of time', async () => {
      await put(apps, apples, both)
      const read = { filter: { search: 'nostr', limit: 9 }, reader: stranger, now: NOW, upTo: store.newest() }
      const { places } = await store.places(read)
      expect(places.map(({ id }) => id)).toEqual([apples.id, both.id, apps.id])
    })
  })
}
