import type { Filter } from '#nips/filter'
import type { Reader } from '../read-rules.ts'
import type { Position, Row, Store } from '../store/store.ts'

/** Which events, for whom, and at what second: what has expired by then is left out. */
export type Selection = { readonly filter: Filter; readonly reader: Reader; readonly now: number }

/** The matching events, newest first, page by page. */
export async function* newestFirst(store: Store, selection: Selection): AsyncGenerator<readonly Row[]> {
  const { filter, reader, now } = selection
  const upTo = store.newest()
  let left = filter.limit ?? Number.MAX_SAFE_INTEGER
  let after: Position | undefined
  while (left > 0) {
    const page = await store.read({
      filter: { ...filter, limit: left },
      reader,
      upTo,
      now,
      ...(after ? { after } : {}),
    })
    yield page.rows
    left -= page.rows.length
    after = page.next
    if (after === undefined) return
  }
}

/** Where the matching events stand, newest first. */
async function* placesOfOne(store: Store, { filter, reader, now }: Selection): AsyncGenerator<readonly Position[]> {
  const upTo = store.newest()
  let left = filter.limit ?? Number.MAX_SAFE_INTEGER
  let after: Position | undefined
  while (left > 0) {
    const read = { filter: { ...filter, limit: left }, reader, upTo, now, ...(after ? { after } : {}) }
    const page = await store.places(read)
    yield page.places
    left -= page.places.length
    after = page.next
    if (after === undefined) return
  }
}

/** What several filters select. */
export type Selections = { readonly filters: readonly Filter[] } & Omit<Selection, 'filter'>

/** The same for several filters, each event once. */
export const placesOf = (store: Store, { filters, ...rest }: Selections): AsyncGenerator<readonly Position[]> =>
  onceEach(filters.map((filter) => placesOfOne(store, { ...rest, filter })))

/** The events themselves, one filter after the other, each event once. */
export const rowsOf = (store: Store, { filters, ...rest }: Selections): AsyncGenerator<readonly Row[]> =>
  onceEach(filters.map((filter) => newestFirst(store, { ...rest, filter })))

async function* onceEach<T extends Position>(
  lists: readonly AsyncGenerator<readonly T[]>[],
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>()
  for (const pages of lists)
    for await (const page of pages) {
      const fresh = page.filter(({ id }) => !seen.has(id))
      if (lists.length > 1) for (const { id } of fresh) seen.add(id)
      yield fresh
    }
}

/** Events of one stretch of time that are held at once to be turned round. */
const STRETCH = 2000

/**
 * The same, oldest first. A store answers newest first, so time is gone through in stretches of so few events
 * that each can be turned round in memory.
 */
export async function* oldestFirst(store: Store, selection: Selection): AsyncGenerator<readonly Row[]> {
  const { filter } = selection
  const last = await newestDate(store, selection)
  let since = filter.since ?? 0
  let span = 86_400
  while (last !== undefined && since <= last) {
    const until = Math.min(last, since + span - 1)
    const stretch = { ...selection, filter: { ...filter, since, until } }
    const size = await sizeOf(store, stretch)
    if (size > STRETCH && span > 1) {
      span = Math.max(1, Math.floor(span / 4))
      continue
    }
    if (size > 0) yield await turnedRound(store, stretch)
    since = until + 1
    if (size < STRETCH / 4) span *= 2
  }
}

async function newestDate(store: Store, selection: Selection): Promise<number | undefined> {
  for await (const rows of newestFirst(store, { ...selection, filter: { ...selection.filter, limit: 1 } }))
    if (rows[0]) return rows[0].createdAt
  return undefined
}

/** How many events there are, or `STRETCH` and one where there are more. */
async function sizeOf(store: Store, { filter, ...rest }: Selection): Promise<number> {
  let size = 0
  for await (const places of placesOfOne(store, { ...rest, filter: { ...filter, limit: STRETCH + 1 } }))
    size += places.length
  return size
}

async function turnedRound(store: Store, selection: Selection): Promise<Row[]> {
  const rows: Row[] = []
  for await (const page of newestFirst(store, selection)) rows.push(...page)
  return rows.reverse()
}
