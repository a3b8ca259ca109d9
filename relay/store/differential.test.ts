import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import type { Filter } from '#nips/filter'
import { type Reader, readerOf } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import { type Random, randomFrom } from '../testing/random.ts'
import { createMemoryStore } from './memory.ts'
import { openSqliteStore } from './sqlite.ts'
import { byPosition, type Position, type Row, type Store } from './store.ts'

const people = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(64))
const kinds = [0, 1, 1, 1, 3, 5, 5, 62, 1059, 5783, 5785, 6785, 7000, 10_002, 30_023, 30_023, 31_770]
const words = ['x', 'y', 'x:y', '', 'ünï', 'w'.repeat(300), `w${'w'.repeat(300)}`]

/** A small world, so that events meet: few people, few moments, few words, and references to what was there before. */
function anyEvent(random: Random, earlier: readonly SignedEvent[]): SignedEvent {
  const kind = random.pick(kinds)
  const target = earlier.length > 0 ? random.pick(earlier) : undefined
  const tags = random.some(
    [
      ['t', random.pick(words)],
      ['t', random.pick(words)],
      ['p', random.pick(people)],
      ['d', random.pick(['x', 'y', ''])],
      ['e', target?.id ?? 'zz'],
      ['a', `${random.pick([0, 30_023, 10_002])}:${random.pick(people)}:${random.pick(['x', 'y', ''])}`],
      ['multi', 'x'],
      ['q'],
    ],
    kind === 5 ? 0.7 : 0.35,
  )
  if (random.chance(0.1)) tags.push(['expiration', String(NOW + random.whole(30))])
  return unsigned({
    pubkey: random.pick(people),
    kind,
    tags,
    created_at: NOW + random.whole(20),
    content: random.some(['Nostr', 'relay,', 'zwölf', `${random.whole(4)}`], 0.6).join(' '),
  })
}

function anyFilter(random: Random, events: readonly SignedEvent[]): Filter & { limit: number } {
  const filter: Filter & { limit: number } = { limit: random.pick([0, 1, 3, 20, 150, 500]) }
  if (random.chance(0.15)) filter.ids = new Set(random.some(events, 0.1).map(({ id }) => id))
  if (random.chance(0.3)) filter.authors = new Set(random.some(people, 0.5))
  if (random.chance(0.4)) filter.kinds = new Set(random.some(kinds, 0.4))
  const tags = new Map(
    random.some<[string, Set<string>]>(
      [
        ['t', new Set(random.some(words, 0.4))],
        ['p', new Set(random.some(people, 0.5))],
        ['e', new Set(random.some(events, 0.2).map(({ id }) => id))],
        ['d', new Set(['x'])],
      ],
      0.2,
    ),
  )
  if (tags.size > 0) filter.tags = tags
  if (random.chance(0.2)) filter.since = NOW + random.whole(20)
  if (random.chance(0.2)) filter.until = NOW + random.whole(20)
  if (random.chance(0.1))
    Object.assign(filter, { search: random.pick(['nostr', 'zwölf relay', '3', 'no']), limit: 500 })
  return filter
}

type Asked = { filter: Filter & { limit: number }; reader: Reader; upTo: number; now: number }

async function answer(store: Store, { filter, ...rest }: Asked): Promise<Row[]> {
  const rows: Row[] = []
  let after: Position | undefined
  do {
    const read = { ...rest, filter: { ...filter, limit: filter.limit - rows.length } }
    const page = await store.read(after ? { ...read, after } : read)
    rows.push(...page.rows)
    after = page.next
  } while (after)
  return rows
}

async function placesOf(store: Store, { filter, ...rest }: Asked): Promise<string[]> {
  const ids: string[] = []
  let page = await store.places({ ...rest, filter })
  for (;;) {
    ids.push(...page.places.map(({ id }) => id))
    if (page.next === undefined) return ids
    page = await store.places({ ...rest, filter: { ...filter, limit: filter.limit - ids.length }, after: page.next })
  }
}

/** The answer in an order that both stores know: relevance is the database's own. */
const inOrder = (rows: Row[], { filter }: Asked): Row[] => (filter.search === undefined ? rows : rows.sort(byPosition))

/** Gives the stores to compare; several of them are on one file. */
type Opener = (generation: number) => Store[]

async function compareStores(
  seed: number,
  open: Opener = (generation) => [openSqliteStore(':memory:', { generation })],
) {
  const random = randomFrom(seed)
  const stores = open(random.pick([4, 16, 64, 1000]))
  const oracle = createMemoryStore()
  const events: SignedEvent[] = []
  for (let round = 0; round < 25; round++) {
    const batch = Array.from({ length: 1 + random.whole(12) }, () =>
      events.length > 0 && random.chance(0.15) ? random.pick(events) : anyEvent(random, events),
    )
    events.push(...batch)
    const expected = await oracle.put(batch.map(entry))
    expect(await random.pick(stores).put(batch.map(entry))).toEqual(expected)
    if (random.chance(0.1)) {
      const ids = random.some(events, 0.05).map(({ id }) => id)
      expect(await random.pick(stores).erase(ids)).toBe(await oracle.erase(ids))
    }
    if (random.chance(0.2)) expect(await random.pick(stores).sweep(NOW + round)).toBe(await oracle.sweep(NOW + round))
    for (const store of stores) await askAll(random, { store, oracle, events })
  }
  await Promise.all(stores.map((store) => store.close()))
}

async function askAll(random: Random, of: { store: Store; oracle: Store; events: SignedEvent[] }): Promise<void> {
  const { store, oracle, events } = of
  for (let rows = await store.others(); rows.length > 0; ) rows = await store.others()
  expect(store.newest()).toBe(oracle.newest())
  for (const pubkey of people) expect(await store.usage(pubkey)).toEqual(await oracle.usage(pubkey))
  for (let question = 0; question < 12; question++) {
    const asked: Asked = {
      filter: anyFilter(random, events),
      reader: readerOf(random.some(people, random.pick([0, 0.3]))),
      upTo: random.chance(0.8) ? oracle.newest() : random.whole(oracle.newest() + 1),
      now: NOW + random.whole(30),
    }
    const expected = await answer(oracle, asked)
    expect(inOrder(await answer(store, asked), asked)).toEqual(expected)
    expect(await placesOf(store, asked)).toEqual(expected.map(({ id }) => id))
  }
}

const first = Math.floor(Math.random() * 2 ** 31)
test.each(Array.from({ length: 40 }, (_, index) => first + index))(
  'sqlite and the oracle agree on everything (seed %i)',
  (seed) => compareStores(seed),
)

describe('on a file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'relay-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test(`so do threads (seed ${first})`, () => {
    const file = join(folder, 'relay.db')
    return compareStores(first, (generation) => [openSqliteStore(file, { generation })])
  }, 60_000)

  test.each([first, first + 1])(
    'and several relays, whoever changes something (seed %i)',
    (seed) => {
      const file = join(folder, 'relay.db')
      return compareStores(seed, (generation) => [
        openSqliteStore(file, { generation }),
        reopening(() => openSqliteStore(file, { generation }), randomFrom(seed)),
      ])
    },
    60_000,
  )
})

/** A store that is closed and opened again now and then. */
function reopening(open: () => Store, random: Random): Store {
  let store = open()
  async function again(): Promise<Store> {
    if (random.chance(0.02)) {
      await store.close()
      store = open()
    }
    return store
  }
  return {
    ...store,
    put: async (batch) => (await again()).put(batch),
    erase: async (ids) => (await again()).erase(ids),
    sweep: async (now) => (await again()).sweep(now),
    read: async (read) => (await again()).read(read),
    places: (read) => store.places(read),
    usage: (pubkey) => store.usage(pubkey),
    others: () => store.others(),
    newest: () => store.newest(),
    close: () => store.close(),
  }
}
