import type { NostrEvent } from './keys.ts'
import { isHex } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'
import { isFound, SEARCH_LENGTH, searchWords } from './nip50.ts'

/** A NIP-01 filter that was parsed and is within limits. Tag conditions are keyed by their one letter. */
export type Filter = {
  ids?: ReadonlySet<string>
  authors?: ReadonlySet<string>
  kinds?: ReadonlySet<number>
  tags?: ReadonlyMap<string, ReadonlySet<string>>
  since?: number
  until?: number
  limit?: number
  /** NIP-50: words that all have to be found, with spaces between them (nip50.ts). */
  search?: string
}

/** What one filter may ask for; a relay announces the same numbers in NIP-11. */
export type FilterLimits = { maxValues: number; maxTags: number; maxLimit: number }
export const defaultFilterLimits: FilterLimits = { maxValues: 1000, maxTags: 3, maxLimit: 500 }

const hexKeys = new Set(['ids', 'authors'])
const timeKeys = new Set(['since', 'until', 'limit'])

/** Reads one filter; unknown or malformed members are refused by name, never ignored. */
export function parseFilter(value: unknown, limits: FilterLimits = defaultFilterLimits): Filter {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault('invalid', 'provided filter is not an object')
  const filter: Filter = {}
  const tags = new Map<string, ReadonlySet<string>>()
  for (const [key, member] of Object.entries(value)) readMember(filter, tags, [key, member])
  if (tags.size > 0) filter.tags = tags
  if (tags.size > limits.maxTags) throw new Fault('invalid', 'too many tags in filter')
  if (sizeOf(filter) > limits.maxValues) throw new Fault('invalid', 'total filter items too large')
  return filter
}

function readMember(filter: Filter, tags: Map<string, ReadonlySet<string>>, [key, value]: [string, unknown]): void {
  if (hexKeys.has(key)) filter[key as 'ids' | 'authors'] = readHexSet(key, value)
  else if (key === 'kinds') filter.kinds = readSet(key, value, isKind)
  else if (timeKeys.has(key)) filter[key as 'since' | 'until' | 'limit'] = readTime(key, value)
  else if (key === 'search') readSearch(filter, value)
  else if (/^#[ep]$/.test(key)) tags.set(key.slice(1), readHexSet(key, value))
  else if (/^#[A-Za-z]$/.test(key))
    tags.set(
      key.slice(1),
      readSet(key, value, (item) => typeof item === 'string'),
    )
  else if (key.startsWith('#')) throw new Fault('invalid', `error parsing ${key.slice(0, 32)}: unindexed tag filter`)
  else throw new Fault('invalid', `unrecognised filter item: ${key.slice(0, 32)}`)
}

const isKind = (item: unknown): item is number =>
  Number.isInteger(item) && (item as number) >= 0 && (item as number) <= 65_535

function readSet<T>(key: string, value: unknown, fits: (item: unknown) => boolean): ReadonlySet<T> {
  if (!Array.isArray(value)) throw new Fault('invalid', `${key} not an array`)
  if (!value.every(fits)) throw new Fault('invalid', `error parsing ${key}: unexpected item`)
  return new Set(value as T[])
}

/** Ids and keys: whole ones, in lower case. What is wrong with one is said in strfry's words. */
function readHexSet(key: string, value: unknown): ReadonlySet<string> {
  const items = readSet<string>(key, value, (item) => typeof item === 'string')
  for (const item of items) {
    const problem = isHex(item, 64) ? undefined : problemOfHex(item)
    if (problem !== undefined) throw new Fault('invalid', `error parsing ${key}: ${problem}`)
  }
  return items
}

function problemOfHex(item: string): string {
  if (item.length % 2 !== 0) return 'uneven size input to from_hex'
  const [odd] = /[^0-9a-f]/.exec(item) ?? []
  if (odd !== undefined) return `unexpected character in from_hex: ${odd.charCodeAt(0)}`
  return `filter item too ${item.length < 64 ? 'small' : 'large'}`
}

function readTime(key: string, value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 0) throw new Fault('invalid', `error parsing ${key}`)
  return value as number
}

/** A search without a word in it says nothing. */
function readSearch(filter: Filter, value: unknown): void {
  if (typeof value !== 'string') throw new Fault('invalid', 'error parsing search')
  if (value.length > SEARCH_LENGTH) throw new Fault('invalid', 'error parsing search: too long')
  const words = searchWords(value)
  if (words.length > 0) filter.search = words.join(' ')
}

const sizeOf = (filter: Filter): number =>
  [filter.ids, filter.authors, filter.kinds, ...(filter.tags?.values() ?? [])].reduce(
    (sum, set) => sum + (set?.size ?? 0),
    0,
  )

/** NIP-01 and NIP-50 matching, without `limit`. `since` and `until` are inclusive; an empty list matches nothing. */
export function matches(filter: Filter, event: NostrEvent): boolean {
  if (filter.ids && !filter.ids.has(event.id)) return false
  if (filter.kinds && !filter.kinds.has(event.kind)) return false
  if (filter.authors && !filter.authors.has(event.pubkey)) return false
  if (filter.since !== undefined && event.created_at < filter.since) return false
  if (filter.until !== undefined && event.created_at > filter.until) return false
  return matchesTags(filter, event) && (filter.search === undefined || isFound(filter.search, event))
}

function matchesTags(filter: Filter, event: NostrEvent): boolean {
  for (const [letter, values] of filter.tags ?? []) {
    const hit = event.tags.some(([key, value]) => key === letter && value !== undefined && values.has(value))
    if (!hit) return false
  }
  return true
}
