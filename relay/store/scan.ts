import { matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { bytesToHex, hexToBytes } from '#nips/kit/bytes'
import { mayRead } from '../read-rules.ts'
import { type Key, plan, rangeSql } from './plan.ts'
import type { Prepare, Statement } from './prepare.ts'
import { byPosition, PAGE, type Page, type Position, type Read, type Row } from './store.ts'

type Candidate = Row & Position & { readonly kind: number; readonly expires: number | null }

/** Reads one page: merges the ranges of the plan in NIP-01's order and checks every row against filter and reader. */
export function readPage(prepare: Prepare, read: Read): Page {
  const { filter } = read
  const { index, keys } = plan(filter)
  const statement = prepare(rangeSql(index, read.reader.keys.size === 0))
  const chunk = Math.max(2, Math.min(PAGE.rows, Math.ceil((2 * filter.limit) / Math.max(keys.length, 1))))
  const ranges = keys.map((key) => openRange(statement, { key, read, chunk }))
  const rows: Row[] = []
  let bytes = 0
  let scanned = 0
  if (filter.limit === 0) return { rows }
  for (const candidate of merge(ranges)) {
    scanned += 1
    if (accepts(candidate, read)) {
      rows.push({ seq: candidate.seq, json: candidate.json, createdAt: candidate.createdAt, id: candidate.id })
      bytes += candidate.json.length
    }
    if (rows.length === filter.limit) return { rows }
    if (rows.length >= PAGE.rows || bytes >= PAGE.bytes || scanned >= PAGE.scanned)
      return { rows, next: { createdAt: candidate.createdAt, id: candidate.id } }
  }
  return { rows }
}

function accepts({ kind, expires, json }: Candidate, { filter, reader, now }: Read): boolean {
  if (expires !== null && expires <= now) return false
  if (filter.kinds && !filter.kinds.has(kind)) return false
  const event = JSON.parse(json) as NostrEvent
  return matches(filter, event) && mayRead(event, reader)
}

type Range = { head(): Candidate | undefined; advance(): void }

/** Each event once, best first, although several ranges may hold it. */
function* merge(ranges: readonly Range[]): Generator<Candidate> {
  let last = -1
  for (;;) {
    const best = bestOf(ranges)
    const candidate = best?.head()
    if (best === undefined || candidate === undefined) return
    best.advance()
    if (candidate.seq !== last) yield candidate
    last = candidate.seq
  }
}

function bestOf(ranges: readonly Range[]): Range | undefined {
  let best: Range | undefined
  let head: Candidate | undefined
  for (const range of ranges) {
    const candidate = range.head()
    if (candidate === undefined || (head !== undefined && byPosition(head, candidate) <= 0)) continue
    best = range
    head = candidate
  }
  return best
}

/** The rows of one index range, fetched `chunk` at a time and only when they are reached. */
function openRange(statement: Statement, { key, read, chunk }: { key: Key; read: Read; chunk: number }): Range {
  let buffer: Candidate[] = []
  let at = 0
  let place = read.after
  let more = true
  const { since = 0, until = Number.MAX_SAFE_INTEGER } = read.filter

  function fetch(): void {
    const behind = place ?? { createdAt: Number.MAX_VALUE, id: '' }
    const upper = Math.min(until, behind.createdAt)
    const found = statement.all(...key, since, upper, behind.createdAt, hexToBytes(behind.id), read.upTo, chunk)
    buffer = (found as RangeRow[]).map(toCandidate)
    at = 0
    place = buffer.at(-1)
    more = buffer.length === chunk
  }

  return {
    head() {
      if (at === buffer.length && more) fetch()
      return buffer[at]
    },
    advance() {
      at += 1
    },
  }
}

type RangeRow = { seq: number; id: Uint8Array; created_at: number; kind: number; expires: number | null; json: string }

const toCandidate = ({ id, created_at, ...row }: RangeRow): Candidate => ({
  ...row,
  createdAt: created_at,
  id: bytesToHex(id),
})
