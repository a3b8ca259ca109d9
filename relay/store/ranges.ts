import type { Sql } from './database.ts'
import { byPlace, type Standing } from './postings.ts'
import type { Recent } from './recent.ts'
import type { Read } from './store.ts'
import { bytesOf, prefixOf, type Term } from './terms.ts'

/** What of a read every range has to keep to. */
export type Bounds = {
  /** The first place that may be read, and the last age. */
  readonly from: readonly [age: number, prefix: number]
  readonly oldest: number
  readonly upTo: number
  readonly now: number
}

export function boundsOf({ filter, after, upTo, now }: Read): Bounds {
  const { since = 0, until = Number.MAX_SAFE_INTEGER } = filter
  const start = [-until, Number.MIN_SAFE_INTEGER] as const
  const next = after ? ([-after.createdAt, prefixOf(after.id)] as const) : start
  return { from: next[0] >= start[0] ? next : start, oldest: -since, upTo, now }
}

/** Bound: the term, the place to read behind (age, prefix, seq), the last age, the highest `seq`, the time, how many rows. */
export const rangeSql = `SELECT seq, age, prefix, kind FROM postings
  WHERE term = ? AND (age, prefix, seq) > (?, ?, ?) AND age <= ? AND seq <= ? AND (expires IS NULL OR expires > ?)
  ORDER BY age, prefix, seq LIMIT ?`

/** Rows of the index in NIP-01's order, fetched when they are reached. */
export type Range = {
  readonly head: () => Standing | undefined
  readonly advance: () => void
}

/** Most rows of one fetch. */
const MOST = 256

/** One term's range; each fetch takes more than the one before, from `chunk` on. */
export function openRange(sql: Sql, term: Term, { bounds, chunk }: { bounds: Bounds; chunk: number }): Range {
  const statement = sql(rangeSql)
  const bytes = bytesOf(term)
  const { oldest, upTo, now } = bounds
  let [age, prefix] = bounds.from
  let seq = -1
  let size = chunk
  let rows: readonly Standing[] = []
  let at = 0
  let more = true

  function fetch(): void {
    rows = statement.all(bytes, age, prefix, seq, oldest, upTo, now, size) as Standing[]
    at = 0
    more = rows.length === size
    size = Math.min(MOST, size * 2)
    const end = rows.at(-1)
    if (end) [seq, age, prefix] = end
  }

  return {
    head() {
      if (at === rows.length && more) fetch()
      return rows[at]
    },
    advance() {
      at += 1
    },
  }
}

/** Where the rows of these terms stand, for terms that have one row at most. */
export function lookUp(sql: Sql, terms: readonly Term[], { from, oldest, upTo, now }: Bounds): Range {
  const [age, prefix] = from
  const rows: Standing[] = []
  for (let start = 0; start < terms.length; start += MOST_TERMS) {
    const some = terms.slice(start, start + MOST_TERMS)
    const size = sizes.find((fits) => fits >= some.length) ?? MOST_TERMS
    const padded = [...some.map(bytesOf), ...Array<Uint8Array>(size - some.length).fill(NO_TERM)]
    rows.push(...(sql(lookUpSql(size)).all(...padded, age, prefix, -1, oldest, upTo, now) as Standing[]))
  }
  rows.sort(byPlace)
  let at = 0
  return {
    head: () => rows[at],
    advance() {
      at += 1
    },
  }
}

const sizes = [1, 2, 4, 8, 16, 32, 64, 128]
const MOST_TERMS = 128
const NO_TERM = new Uint8Array()

const lookUpSql = (terms: number): string => `SELECT seq, age, prefix, kind FROM postings
  WHERE term IN (${Array(terms).fill('?').join(', ')}) AND (age, prefix, seq) > (?, ?, ?) AND age <= ? AND seq <= ?
  AND (expires IS NULL OR expires > ?)`

/** What stands under a term and is not in the file's index yet; `rows` from the last to the first. */
export function openRecent(recent: Recent, rows: readonly Standing[], { from, oldest, upTo, now }: Bounds): Range {
  let at = startOf(rows, from)

  function fits(row: Standing): boolean {
    const [seq, , , , expires] = row
    return seq <= upTo && (typeof expires !== 'number' || expires > now) && recent.has(row)
  }

  return {
    head() {
      for (; at >= 0; at--) {
        const row = rows[at]
        if (row === undefined || row[1] > oldest) return undefined
        if (fits(row)) return row
      }
      return undefined
    },
    advance() {
      at -= 1
    },
  }
}

/** The first row, counted from the end, that is not before the place to start at. */
function startOf(rows: readonly Standing[], [age, prefix]: Bounds['from']): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row && (row[1] - age || row[2] - prefix) >= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}
