import type { Filter } from '#nips/filter'
import type { Reader } from './read-rules.ts'
import { byPosition, type Places, type Position } from './store/store.ts'
import type { Engine } from './verbs/verb.ts'

export type Counting = {
  readonly filters: readonly Filter[]
  readonly reader: Reader
  /** Where it stops. */
  readonly most: number
}
export type Counted = { readonly count: number; readonly isComplete: boolean }

/**
 * How many stored events match at least one of the filters and may be read; each is counted once.
 * Every filter's events come in the same order, so that what several of them match stands side by side.
 */
export async function countEvents({ filters, reader, most }: Counting, engine: Engine): Promise<Counted> {
  const { store, clock, breathe } = engine
  const [upTo, now] = [store.newest(), clock.now()]
  const lists = filters.map((filter) =>
    openList(filter.limit ?? most + 1, (limit, after) =>
      store.places({ filter: { ...filter, limit }, reader, upTo, now, ...(after ? { after } : {}) }),
    ),
  )
  let count = 0
  while (count <= most) {
    for (const list of lists) if (list.isEmpty()) await list.refill()
    const counted = countTogether(lists, most + 1 - count)
    if (counted === 0 && lists.every(({ isEmpty, isOver }) => isEmpty() && isOver())) break
    count += counted
    await breathe()
  }
  return { count: Math.min(count, most), isComplete: count <= most }
}

/** One filter's places, of which some are here. */
type List = {
  head(): Position | undefined
  advance(): void
  isEmpty(): boolean
  isOver(): boolean
  refill(): Promise<void>
}

function openList(limit: number, read: (limit: number, after: Position | undefined) => Promise<Places>): List {
  let places: readonly Position[] = []
  let at = 0
  let left = limit
  let after: Position | undefined
  let over = false

  return {
    head: () => places[at],
    advance() {
      at += 1
    },
    isEmpty: () => at === places.length,
    isOver: () => over,
    async refill() {
      if (over) return
      const page = await read(left, after)
      places = page.places
      at = 0
      left -= places.length
      after = page.next
      over = after === undefined || left <= 0
    },
  }
}

/** Counts as long as every list that goes on has a place to compare with. */
function countTogether(lists: readonly List[], most: number): number {
  for (let count = 0; ; count++) {
    if (count === most || lists.some((list) => list.isEmpty() && !list.isOver())) return count
    const first = lists.flatMap((list) => list.head() ?? []).sort(byPosition)[0]
    if (!first) return count
    for (const list of lists) if (list.head()?.id === first.id) list.advance()
  }
}
