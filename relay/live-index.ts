import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'

/** Finds who may want an event without asking everybody: each filter is filed under its narrowest condition. */
export type LiveIndex<T> = {
  /** Files a member under all its filters. */
  add(filters: readonly Filter[], member: T): void
  /** Takes it out again; the filters have to be those it was added with. */
  remove(filters: readonly Filter[], member: T): void
  /** Everybody with a filter that might match, each once; the caller still has to ask the filters. */
  candidates(event: NostrEvent): Set<T>
}

export function createLiveIndex<T>(): LiveIndex<T> {
  const members = new Map<string, Set<T>>()

  return {
    add(filters, member) {
      for (const key of filters.flatMap(keysOfFilter)) {
        const filed = members.get(key)
        if (filed) filed.add(member)
        else members.set(key, new Set([member]))
      }
    },
    remove(filters, member) {
      for (const key of filters.flatMap(keysOfFilter)) {
        const filed = members.get(key)
        filed?.delete(member)
        if (filed?.size === 0) members.delete(key)
      }
    },
    candidates: (event) => new Set(keysOfEvent(event).flatMap((key) => [...(members.get(key) ?? [])])),
  }
}

/** The conditions of which an event has to meet one; ids, then the shortest tag list, then authors, then kinds. */
function keysOfFilter({ ids, tags, authors, kinds }: Filter): string[] {
  const tag = [...(tags ?? [])].sort(([, a], [, b]) => a.size - b.size)[0]
  if (ids) return [...ids].map((id) => `id ${id}`)
  if (tag) return [...tag[1]].map((value) => `#${tag[0]} ${value}`)
  if (authors) return [...authors].map((author) => `author ${author}`)
  if (kinds) return [...kinds].map((kind) => `kind ${kind}`)
  return ['all']
}

const keysOfEvent = ({ id, tags, pubkey, kind }: NostrEvent): string[] => [
  `id ${id}`,
  ...new Set(tags.flatMap(([name, value]) => (name?.length === 1 && value !== undefined ? [`#${name} ${value}`] : []))),
  `author ${pubkey}`,
  `kind ${kind}`,
  'all',
]
