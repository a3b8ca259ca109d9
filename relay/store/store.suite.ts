import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import type { Filter } from '#nips/filter'
import type { EventTemplate } from '#nips/keys'
import { readerOf, stranger } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import type { PutResult, Row, Store } from './store.ts'

const [ann, ben, cat] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const note = (fields: Partial<EventTemplate> & { pubkey?: string } = {}) => unsigned({ pubkey: ann, ...fields })
const idOf = ({ json }: Row): string => (JSON.parse(json) as { id: string }).id

/** What every store has to do. `open` gives an empty one. */
export function describeStore(name: string, open: () => Store): void {
  let store: Store

  const put = async (...events: SignedEvent[]): Promise<PutResult['outcome'][]> =>
    (await store.put(events.map(entry))).map(({ outcome }) => outcome)

  async function find(filter: Filter, { reader = stranger, now = NOW, upTo = store.newest() } = {}): Promise<string[]> {
    const ids: string[] = []
    let left = filter.limit ?? 500
    let page = await store.read({ filter: { ...filter, limit: left }, reader, now, upTo })
    for (;;) {
      ids.push(...page.rows.map(idOf))
      left -= page.rows.length
      if (page.next === undefined) return ids
      page = await store.read({ filter: { ...filter, limit: left }, reader, now, upTo, after: page.next })
    }
  }

  beforeEach(() => {
    store = open()
  })
  afterEach(() => store.close())

  describe(`${name} keeps what it is given`, () => {
    test('it returns the text it was given and knows the event by id', async () => {
      const event = note({ content: 'zwölf \u{1f600}', tags: [['t', 'x', 'y'], ['-']] })
      await put(event)
      const page = await store.read({ filter: { limit: 1 }, reader: stranger, now: NOW, upTo: store.newest() })
      expect(page).toEqual({ rows: [{ seq: 1, id: event.id, createdAt: event.created_at, json: entry(event).json }] })
      expect(await store.get(event.id)).toMatchObject({ id: event.id, content: event.content })
      expect(await store.get('f'.repeat(64))).toBeUndefined()
    })

    test('an event that is here already is a duplicate, also within one batch', async () => {
      const event = note()
      expect(await put(event, event)).toEqual(['stored', 'duplicate'])
      expect(await put(event)).toEqual(['duplicate'])
      expect(await find({})).toEqual([event.id])
    })

    test('arrivals are numbered, and a number is never given twice', async () => {
      const [first, second] = await store.put([entry(note({ kind: 0 })), entry(note({ kind: 0, created_at: NOW + 1 }))])
      expect([first, second]).toEqual([
        { outcome: 'stored', seq: 1 },
        { outcome: 'stored', seq: 2 },
      ])
      await put(note({ kind: 5, created_at: NOW + 2, tags: [['a', `0:${ann}:`]] }))
      const [next] = await store.put([entry(note({ content: 'next' }))])
      expect(next).toEqual({ outcome: 'stored', seq: 4 })
      expect(store.newest()).toBe(4)
    })

    test('not even when the newest event has expired and is gone', async () => {
      await put(note({ tags: [['expiration', String(NOW + 1)]] }))
      await store.sweep(NOW + 1)
      expect(await store.put([entry(note())])).toEqual([{ outcome: 'stored', seq: 2 }])
    })

    test('a refused event uses up no number', async () => {
      await put(note(), note())
      expect(store.newest()).toBe(1)
    })
  })

  describe(`${name} answers filters`, () => {
    const tagged = note({
      tags: [
        ['t', 'red'],
        ['t', 'blue'],
        ['e', 'e'.repeat(64)],
      ],
      created_at: NOW - 1,
    })
    const long = note({ tags: [['i', 'long '.repeat(200)]], created_at: NOW - 2 })
    const other = note({ pubkey: ben, kind: 7, tags: [['t', 'red']], created_at: NOW - 3 })
    const upper = note({ pubkey: ben, tags: [['T', 'red'], ['tt', 'blue'], ['t']], created_at: NOW - 4 })
    const all = [tagged, long, other, upper]

    test.each<{ says: string; filter: Filter; finds: SignedEvent[] }>([
      { says: 'nothing asked is everything', filter: {}, finds: all },
      { says: 'ids', filter: { ids: new Set([other.id, tagged.id, '0'.repeat(64)]) }, finds: [tagged, other] },
      { says: 'ids with another condition', filter: { ids: new Set([other.id]), kinds: new Set([1]) }, finds: [] },
      { says: 'authors', filter: { authors: new Set([ben]) }, finds: [other, upper] },
      { says: 'authors and kinds', filter: { authors: new Set([ann, ben]), kinds: new Set([7]) }, finds: [other] },
      { says: 'kinds', filter: { kinds: new Set([7, 9]) }, finds: [other] },
      { says: 'a tag', filter: { tags: new Map([['t', new Set(['red'])]]) }, finds: [tagged, other] },
      {
        says: 'a tag with two hits once',
        filter: { tags: new Map([['t', new Set(['red', 'blue'])]]) },
        finds: [tagged, other],
      },
      { says: 'tag letters by case', filter: { tags: new Map([['T', new Set(['red'])]]) }, finds: [upper] },
      {
        says: 'two tags at once',
        filter: {
          tags: new Map([
            ['t', new Set(['red'])],
            ['e', new Set(['e'.repeat(64)])],
          ]),
        },
        finds: [tagged],
      },
      { says: 'a long tag value', filter: { tags: new Map([['i', new Set(['long '.repeat(200)])]]) }, finds: [long] },
      { says: 'since, inclusive', filter: { since: NOW - 2 }, finds: [tagged, long] },
      { says: 'until, inclusive', filter: { until: NOW - 3 }, finds: [other, upper] },
      { says: 'until 0', filter: { until: 0 }, finds: [] },
      { says: 'limit keeps the newest', filter: { limit: 2 }, finds: [tagged, long] },
      { says: 'limit 0', filter: { limit: 0 }, finds: [] },
      { says: 'an empty list matches nothing', filter: { kinds: new Set() }, finds: [] },
      { says: 'an empty tag list matches nothing', filter: { tags: new Map([['t', new Set()]]) }, finds: [] },
    ])('$says', async ({ filter, finds }) => {
      await put(...all.toReversed())
      expect(await find(filter)).toEqual(finds.map(({ id }) => id))
    })

    test('newest first, and in one second the lowest id first', async () => {
      const twins = Array.from({ length: 9 }, (_, index) => note({ content: String(index) }))
      const newer = note({ created_at: NOW + 1 })
      await put(...twins, newer)
      expect(await find({})).toEqual([newer.id, ...twins.map(({ id }) => id).sort()])
      expect(await find({ limit: 4 })).toEqual([newer.id, ...twins.map(({ id }) => id).sort()].slice(0, 4))
    })

    test('many events come page by page, each once, also when all are of one second', async () => {
      const events = Array.from({ length: 257 }, (_, index) =>
        note({
          content: String(index),
          tags: [
            ['t', 'x'],
            ['t', 'y'],
          ],
        }),
      )
      await put(...events)
      const filter = { tags: new Map([['t', new Set(['x', 'y'])]]) }
      expect(await find(filter)).toEqual(events.map(({ id }) => id).sort())
      expect(await find({ ...filter, limit: 150 })).toEqual(
        events
          .map(({ id }) => id)
          .sort()
          .slice(0, 150),
      )
    })

    test('what arrived after the asked number is left out', async () => {
      const [early, late] = [note({ content: 'early' }), note({ content: 'late' })]
      await put(early)
      const upTo = store.newest()
      await put(late)
      expect(await find({}, { upTo })).toEqual([early.id])
    })
  })

  describe(`${name} lets private kinds be read by their parties only`, () => {
    const job = note({ kind: 5785, tags: [['p', ben]], created_at: NOW + 1 })
    const open = note()
    test.each([
      { says: 'a stranger gets the public ones, up to the limit', reader: [], finds: [open] },
      { says: 'its author gets it', reader: [ann], finds: [job] },
      { says: 'whoever it names gets it', reader: [ben], finds: [job] },
      { says: 'somebody else does not', reader: [cat], finds: [open] },
      { says: 'one of several keys is enough', reader: [cat, ben], finds: [job] },
    ])('$says', async ({ reader, finds }) => {
      await put(job, open)
      expect(await find({ limit: 1 }, { reader: readerOf(reader) })).toEqual(finds.map(({ id }) => id))
    })

    test('by id it is as if it were not there', async () => {
      await put(job)
      expect(await find({ ids: new Set([job.id]) })).toEqual([])
      expect(await find({ ids: new Set([job.id]) }, { reader: readerOf([cat]) })).toEqual([])
      expect(await find({ ids: new Set([job.id]) }, { reader: readerOf([ben]) })).toEqual([job.id])
    })
  })

  describe(`${name} lets newer versions replace older ones`, () => {
    test.each([
      { says: 'a replaceable kind', kind: 0, tags: [] },
      { says: 'a contact list', kind: 3, tags: [] },
      { says: 'kind 10002', kind: 10_002, tags: [['d', 'no matter']] },
      { says: 'an addressable kind by d', kind: 30_023, tags: [['d', 'x']] },
      { says: 'an addressable kind without d', kind: 30_023, tags: [] },
    ])('$says', async ({ kind, tags }) => {
      const version = (created_at: number) => note({ kind, tags, created_at })
      expect(await put(version(NOW), version(NOW - 1), version(NOW + 1))).toEqual(['stored', 'replaced', 'stored'])
      expect(await find({ kinds: new Set([kind]) })).toEqual([version(NOW + 1).id])
    })

    test('at the same second the lowest id stays, in whatever order they come', async () => {
      const [low, high] = [note({ kind: 0, content: '1' }), note({ kind: 0, content: '2' })].sort((a, b) =>
        a.id < b.id ? -1 : 1,
      )
      if (low === undefined || high === undefined) throw new Error('two versions')
      expect(await put(high, low, high)).toEqual(['stored', 'stored', 'replaced'])
      expect(await find({})).toEqual([low.id])
    })

    test('other authors, kinds and d tags keep their place', async () => {
      const events = [
        note({ kind: 30_023, tags: [['d', 'x']] }),
        note({ kind: 30_023, tags: [['d', 'y']] }),
        note({ kind: 30_024, tags: [['d', 'x']] }),
        note({ kind: 30_023, tags: [['d', 'x']], pubkey: ben }),
      ]
      expect(await put(...events)).toEqual(['stored', 'stored', 'stored', 'stored'])
      expect(await find({})).toHaveLength(4)
    })

    test('regular kinds stay side by side', async () => {
      expect(await put(note({ kind: 1 }), note({ kind: 1, created_at: NOW + 1 }), note({ kind: 45_000 }))).toEqual(
        Array(3).fill('stored'),
      )
    })
  })
}
