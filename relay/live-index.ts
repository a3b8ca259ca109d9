import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'

/** Finds who may want an event without asking everybody: each filter is filed under its narrowest condition. */
export type LiveIndex<T> = {
  /** Files a member under all its filters. */
  add(filters: readonly Filter[], member: T): void
  /** Takes it out again; the filters have to be those it was added with. */
  remove(filters: readonly Filter[], member: T): void
  /** Shows everybody with a filter that might match, each once; the caller still has to ask the filters. */
  visit(event: NostrEvent, show: (member: T) => void): void
}

/** Who is filed under each value of one condition; whoever is alone there needs no set. */
type Shelf<T, K> = Map<K, T | Set<T>>

/** `T` carries a stamp of its own, so that nobody has to be remembered for one event. */
export function createLiveIndex<T extends { stamp: number }>(): LiveIndex<T> {
  const ids: Shelf<T, string> = new Map()
  const authors: Shelf<T, string> = new Map()
  const kinds: Shelf<T, number> = new Map()
  const tags = new Map<string, Shelf<T, string>>()
  const everything: Shelf<T, ''> = new Map()
  let round = 0

  function shelfOf(letter: string): Shelf<T, string> {
    const shelf: Shelf<T, string> = tags.get(letter) ?? new Map()
    tags.set(letter, shelf)
    return shelf
  }

  /** ids, then the shortest tag list, then authors, then kinds: an event has to meet one of the values. */
  function eachPlace(filter: Filter, use: <K>(shelf: Shelf<T, K>, values: Iterable<K>) => void): void {
    const tag = shortestOf(filter.tags)
    if (filter.ids) use(ids, filter.ids)
    else if (tag) use(shelfOf(tag[0]), tag[1])
    else if (filter.authors) use(authors, filter.authors)
    else if (filter.kinds) use(kinds, filter.kinds)
    else use(everything, [''])
  }

  function showOne(member: T, show: (member: T) => void): void {
    if (member.stamp === round) return
    member.stamp = round
    show(member)
  }

  function showAll(filed: T | Set<T> | undefined, show: (member: T) => void): void {
    if (filed instanceof Set) for (const member of filed) showOne(member, show)
    else if (filed) showOne(filed, show)
  }

  return {
    add(filters, member) {
      for (const filter of filters) eachPlace(filter, (shelf, values) => file(shelf, values, member))
    },
    remove(filters, member) {
      for (const filter of filters) eachPlace(filter, (shelf, values) => unfile(shelf, values, member))
    },
    visit(event, show) {
      round += 1
      showAll(filedAt(ids, event.id), show)
      for (const tag of event.tags) {
        const shelf = tag[0]?.length === 1 ? tags.get(tag[0]) : undefined
        if (shelf && tag[1] !== undefined) showAll(shelf.get(tag[1]), show)
      }
      showAll(filedAt(authors, event.pubkey), show)
      showAll(kinds.get(event.kind), show)
      showAll(everything.get(''), show)
    },
  }
}

/** Spares an event the hashes of its texts where nobody is filed. */
const filedAt = <T, K>(shelf: Shelf<T, K>, value: K): T | Set<T> | undefined =>
  shelf.size === 0 ? undefined : shelf.get(value)

function file<T, K>(shelf: Shelf<T, K>, values: Iterable<K>, member: T): void {
  for (const value of values) {
    const filed = shelf.get(value)
    if (filed instanceof Set) filed.add(member)
    else if (filed === undefined) shelf.set(value, member)
    else if (filed !== member) shelf.set(value, new Set([filed, member]))
  }
}

function unfile<T, K>(shelf: Shelf<T, K>, values: Iterable<K>, member: T): void {
  for (const value of values) {
    const filed = shelf.get(value)
    if (filed instanceof Set) filed.delete(member)
    if (filed === member || (filed instanceof Set && filed.size === 0)) shelf.delete(value)
  }
}

function shortestOf(tags: Filter['tags']): readonly [letter: string, values: ReadonlySet<string>] | undefined {
  let shortest: readonly [string, ReadonlySet<string>] | undefined
  for (const tag of tags ?? []) if (!shortest || tag[1].size < shortest[1].size) shortest = tag
  return shortest
}
