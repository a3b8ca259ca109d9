import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'

/** Finds who may want an event without asking everybody: each filter is filed under its narrowest condition. */
export type LiveIndex<T> = {
  add(filter: Filter, member: T): void
  remove(filter: Filter, member: T): void
  /** Everybody with a filter that might match, each once; the caller still has to ask the filters. */
  candidates(event: NostrEvent): Set<T>
}

export function createLiveIndex<T>(): LiveIndex<T> {
  const members = new Map<string, Map<T, number>>()

  return {
    add(filter, member) {
      for (const key of keysOfFilter(filter)) {
        const filed = members.get(key) ?? new Map<T, number>()
        filed.set(member, (filed.get(member) ?? 0) + 1)
        members.set(key, filed)
      }
    },
    remove(filter, member) {
      for (const key of keysOfFilter(filter)) {
        const filed = members.get(key)
        const times = filed?.get(member) ?? 0
        if (times > 1) filed?.set(member, times - 1)
        else filed?.delete(member)
        if (filed?.size === 0) members.delete(key)
      }
    },
    candidates: (event) => new Set(keysOfEvent(event).flatMap((key) => [...(members.get(key)?.keys() ?? [])])),
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
