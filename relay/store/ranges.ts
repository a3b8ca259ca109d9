import type { Sql } from './database.ts'
import type { Read } from './store.ts'
import { prefixOf, type Term } from './terms.ts'

/** An event as the index knows it. `age` is its date with the sign turned. */
export type Candidate = readonly [seq: number, age: number, prefix: number, kind: number]

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
  readonly head: () => Candidate | undefined
  readonly advance: () => void
}

/** Most rows of one fetch. */
const MOST = 256

/** One term's range; each fetch takes more than the one before, from `chunk` on. */
export function openRange(sql: Sql, term: Term, { bounds, chunk }: { bounds: Bounds; chunk: number }): Range {
  const statement = sql(rangeSql)
  const { oldest, upTo, now } = bounds
  let [age, prefix] = bounds.from
  let seq = -1
  let size = chunk
  let rows: readonly Candidate[] = []
  let at = 0
  let more = true

  function fetch(): void {
    rows = statement.all(term, age, prefix, seq, oldest, upTo, now, size) as Candidate[]
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
  const rows: Candidate[] = []
  for (let start = 0; start < terms.length; start += MOST_TERMS) {
    const some = terms.slice(start, start + MOST_TERMS)
    const size = sizes.find((fits) => fits >= some.length) ?? MOST_TERMS
    const padded = some.concat(Array<Term>(size - some.length).fill(NO_TERM))
    rows.push(...(sql(lookUpSql(size)).all(...padded, age, prefix, -1, oldest, upTo, now) as Candidate[]))
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
const NO_TERM: Term = new Uint8Array()

const lookUpSql = (terms: number): string => `SELECT seq, age, prefix, kind FROM postings
  WHERE term IN (${Array(terms).fill('?').join(', ')}) AND (age, prefix, seq) > (?, ?, ?) AND age <= ? AND seq <= ?
  AND (expires IS NULL OR expires > ?)`

/** Sorts as NIP-01 does, as far as the index knows. */
export const byPlace = (a: Candidate, b: Candidate): number => a[1] - b[1] || a[2] - b[2] || a[0] - b[0]
