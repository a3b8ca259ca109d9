import type { Filter } from '#nips/filter'
import { hexToBytes } from '#nips/kit/bytes'
import { privateRanges } from '../read-rules.ts'
import { type TagKey, tagKey } from './tag-key.ts'

/** Which index answers a filter, and the values to look up there: one range of rows for each. */
export type Plan = { readonly index: IndexName; readonly keys: readonly Key[] }
export type Key = readonly (TagKey | number)[]
export type IndexName = keyof typeof sources

/** More author and kind pairs than this are cheaper to read by author alone. */
const MOST_PAIRS = 1000

/**
 * Chooses the narrowest index: ids, then the tag with the fewest values, then authors (with kinds), kinds, time.
 * An index only narrows; whoever reads checks each row against the whole filter.
 */
export function plan(filter: Filter): Plan {
  if (filter.ids) return { index: 'id', keys: [...filter.ids].map((id) => [hexToBytes(id)]) }
  const tag = [...(filter.tags ?? [])].sort(([, a], [, b]) => a.size - b.size)[0]
  if (tag) return { index: 'tag', keys: [...tag[1]].map((value) => [tag[0], tagKey(value)]) }
  if (filter.authors) return byAuthor([...filter.authors], filter.kinds)
  if (filter.kinds) return { index: 'kind', keys: [...filter.kinds].map((kind) => [kind]) }
  return { index: 'time', keys: [[]] }
}

function byAuthor(authors: string[], kinds: ReadonlySet<number> | undefined): Plan {
  if (kinds && kinds.size * authors.length <= MOST_PAIRS)
    return {
      index: 'author-kind',
      keys: authors.flatMap((author) => [...kinds].map((kind) => [hexToBytes(author), kind])),
    }
  return { index: 'author', keys: authors.map((author) => [hexToBytes(author)]) }
}

const sources = {
  id: { from: 'events e INDEXED BY events_id', where: 'e.id = ?', time: 'e.created_at' },
  tag: {
    from: 'tags t CROSS JOIN events e ON e.seq = t.seq',
    where: 't.name = ? AND t.value = ?',
    time: 't.created_at',
  },
  'author-kind': {
    from: 'events e INDEXED BY events_author_kind',
    where: 'e.pubkey = ? AND e.kind = ?',
    time: 'e.created_at',
  },
  author: { from: 'events e INDEXED BY events_author', where: 'e.pubkey = ?', time: 'e.created_at' },
  kind: { from: 'events e INDEXED BY events_kind', where: 'e.kind = ?', time: 'e.created_at' },
  time: { from: 'events e INDEXED BY events_time', where: 'TRUE', time: 'e.created_at' },
} as const

/** For strangers private kinds are passed over in the database; what others may see is decided row by row. */
const publicOnly = privateRanges.map(([first, last]) => ` AND e.kind NOT BETWEEN ${first} AND ${last}`).join('')

/**
 * The SQL that reads one range in NIP-01's order. Bound: the key, since, until, `created_at` and id of the place
 * to continue behind, the highest `seq`, how many rows.
 */
export function rangeSql(index: IndexName, forStrangers: boolean): string {
  const { from, where, time } = sources[index]
  return `SELECT e.seq, e.id, e.created_at, e.kind, e.expires, e.json FROM ${from}
    WHERE ${where} AND ${time} >= ? AND ${time} <= ? AND (${time} < ? OR e.id > ?) AND e.seq <= ?${forStrangers ? publicOnly : ''}
    ORDER BY ${time} DESC, e.id LIMIT ?`
}
