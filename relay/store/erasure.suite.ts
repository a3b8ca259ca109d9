import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import type { EventTemplate } from '#nips/keys'
import { readerOf } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import type { PutResult, Row, Store } from './store.ts'

const [ann, ben, cat] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const by = (pubkey: string) => (fields: Partial<EventTemplate>) => unsigned({ pubkey, ...fields })
const note = by(ann)
const everybody = readerOf([ann, ben, cat])
const later = NOW + 100

type Outcome = PutResult['outcome']
/** `first` is stored, then `then`; `left` is what is still there, `again` the answer to `first` sent once more. */
type Case = { says: string; first: SignedEvent; then: SignedEvent; left: SignedEvent[]; again: Outcome }

/** `then` takes `first` away. */
const gone = (says: string, first: SignedEvent, then: SignedEvent): Case => ({
  says,
  first,
  then,
  left: [then],
  again: then.kind === 62 ? 'vanished' : 'deleted',
})
/** `then` leaves `first` alone. */
const kept = (says: string, first: SignedEvent, then: SignedEvent): Case => ({
  says,
  first,
  then,
  left: [first, then],
  again: 'duplicate',
})

const one = note({ content: 'one' })
const article = note({ kind: 30_023, tags: [['d', 'a:b']], content: 'article' })
const wrap = by(cat)({ kind: 1059, tags: [['p', ben]] })
const deletion = (tags: string[][], fields: Partial<EventTemplate> = {}) =>
  note({ kind: 5, created_at: later, tags, ...fields })
const vanish = (pubkey: string, created_at: number) =>
  by(pubkey)({ kind: 62, created_at, tags: [['relay', 'ALL_RELAYS']] })
const older = note({ kind: 5, tags: [['e', one.id]], content: 'a deletion' })

const deletions: Case[] = [
  gone('its author takes a note back', one, deletion([['e', one.id]])),
  gone('also by a deletion that is dated earlier', one, deletion([['e', one.id]], { created_at: NOW - 5 })),
  gone('its author takes an article back by address', article, deletion([['a', `30023:${ann}:a:b`]])),
  gone('a profile by address', note({ kind: 0 }), deletion([['a', `0:${ann}:`]])),
  gone('one version by its id', article, deletion([['e', article.id]])),
  gone(
    'the receiver of a gift wrap takes it back',
    wrap,
    by(ben)({ kind: 5, created_at: later, tags: [['e', wrap.id]] }),
  ),
  gone('a request for a job', note({ kind: 5785 }), deletion([['e', note({ kind: 5785 }).id]])),
  kept('nobody else takes a note back', one, by(ben)({ kind: 5, created_at: later, tags: [['e', one.id]] })),
  kept(
    'nobody else takes an article back',
    article,
    by(ben)({ kind: 5, created_at: later, tags: [['a', `30023:${ann}:a:b`]] }),
  ),
  kept(
    'a version newer than the deletion by address stays',
    article,
    deletion([['a', `30023:${ann}:a:b`]], { created_at: NOW - 1 }),
  ),
  kept('an address with another d stays', article, deletion([['a', `30023:${ann}:a`]])),
  kept('a deletion cannot be taken back', older, deletion([['e', older.id]])),
  kept('a request to vanish cannot be taken back', vanish(ann, NOW), deletion([['e', vanish(ann, NOW).id]])),
  kept('an approval request stays', note({ kind: 5783 }), deletion([['e', note({ kind: 5783 }).id]])),
  kept('a decision stays', note({ kind: 6783 }), deletion([['e', note({ kind: 6783 }).id]])),
  kept('a job result stays', note({ kind: 6785 }), deletion([['e', note({ kind: 6785 }).id]])),
  kept(
    'what it was sent to does not make a note theirs',
    note({ tags: [['p', ben]] }),
    by(ben)({ kind: 5, tags: [['e', note({ tags: [['p', ben]] }).id]] }),
  ),
  kept('nonsense deletes nothing', one, deletion([['e', 'zz'], ['a', 'x'], ['a', `99999:${ann}:`], ['e'], ['p', ann]])),
]

const vanishes: Case[] = [
  gone('a note of its author', one, vanish(ann, NOW)),
  gone('an article', article, vanish(ann, NOW)),
  gone('a deletion', older, vanish(ann, later)),
  gone('a decision', note({ kind: 6783 }), vanish(ann, later)),
  gone('a gift wrap that was sent to it', wrap, vanish(ben, later)),
  gone('an earlier request to vanish', vanish(ann, NOW), vanish(ann, later)),
  kept('not what is newer', one, vanish(ann, NOW - 1)),
  kept('not what others wrote', by(ben)({ tags: [['p', ann]] }), vanish(ann, later)),
]

/** What every store has to do about NIP-09, 40 and 62. */
export function describeErasure(name: string, open: () => Store): void {
  let store: Store
  const put = async (...events: SignedEvent[]): Promise<Outcome[]> =>
    (await store.put(events.map(entry))).map(({ outcome }) => outcome)
  async function left(now = NOW): Promise<string[]> {
    const page = await store.read({ filter: { limit: 500 }, reader: everybody, now, upTo: store.newest() })
    return page.rows.map(({ json }: Row) => (JSON.parse(json) as { id: string }).id).sort()
  }
  const ids = (events: SignedEvent[]): string[] => events.map(({ id }) => id).sort()

  beforeEach(() => {
    store = open()
  })
  afterEach(() => store.close())

  describe(`${name} follows deletions`, () => {
    test.each(deletions)('$says', async ({ first, then, left: remaining, again }) => {
      await put(first, then)
      expect(await left()).toEqual(ids(remaining))
      expect(await put(first)).toEqual([again])
    })

    test.each(deletions)('$says, when the deletion came first', async ({ first, then, left: remaining, again }) => {
      expect(await put(then, first)).toEqual(['stored', again === 'deleted' ? 'deleted' : 'stored'])
      expect(await left()).toEqual(ids(remaining))
    })

    test('after a deletion by address a newer version may come', async () => {
      const newer = note({ kind: 30_023, tags: [['d', 'a:b']], created_at: later + 1 })
      expect(await put(article, deletion([['a', `30023:${ann}:a:b`]]), article, newer)).toEqual([
        'stored',
        'stored',
        'deleted',
        'stored',
      ])
    })

    test('the tags of what is gone find nothing', async () => {
      const tagged = note({ tags: [['t', 'x']] })
      await put(tagged, deletion([['e', tagged.id]]))
      const filter = { tags: new Map([['t', new Set(['x'])]]), limit: 10 }
      expect(await store.read({ filter, reader: everybody, now: NOW, upTo: store.newest() })).toEqual({ rows: [] })
    })
  })

  describe(`${name} follows requests to vanish, which erase`, () => {
    test.each(vanishes)('$says', async ({ first, then, left: remaining, again }) => {
      await put(first, then)
      expect(await left()).toEqual(ids(remaining))
      expect(await put(first)).toEqual([again])
      expect(await put(then)).toEqual(['duplicate'])
    })

    test('more than one batch of rows', async () => {
      await put(...Array.from({ length: 1203 }, (_, index) => note({ content: String(index) })), vanish(ann, later))
      expect(await left()).toEqual([vanish(ann, later).id])
    })
  })

  describe(`${name} hides what has expired`, () => {
    const until = note({ tags: [['expiration', String(NOW + 10)]], content: 'for a while' })

    test('from that second on, and erases it when it sweeps', async () => {
      await put(until, one)
      expect(await left(NOW + 9)).toEqual(ids([until, one]))
      expect(await left(NOW + 10)).toEqual([one.id])
      expect(await store.sweep(NOW + 9)).toBe(0)
      expect(await store.sweep(NOW + 10)).toBe(1)
      expect(await left(NOW)).toEqual([one.id])
      expect(await put(until)).toEqual(['stored'])
    })

    test('but a deletion outlives its expiration', async () => {
      await put(
        one,
        deletion([
          ['e', one.id],
          ['expiration', String(NOW + 1)],
        ]),
      )
      await store.sweep(NOW + 2)
      expect(await put(one)).toEqual(['deleted'])
    })
  })
}
