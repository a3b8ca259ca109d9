import type { Sql } from './database.ts'
import { type Marks, setMark } from './marks.ts'
import { expiryOf, type Standing } from './postings.ts'
import { generationOf, type Recent } from './recent.ts'
import type { Index } from './rows.ts'
import { bytesOf, everything, expiring, type Term } from './terms.ts'

/** Carries full generations over into the file's index, sorted, so that rows that stand together are written together. */
export type Harvest = {
  /** Carries about `most` rows in the running transaction; gives the number up to which all is indexed then. */
  carry(marks: Pick<Marks, 'newest' | 'indexed'>, most: number): number
  /** Begins the generation again: what was carried last did not last, or somebody else has been there. */
  restart(): void
}

type IndexRow = readonly [term: Uint8Array, age: number, prefix: number, seq: number, kind: number, expires: unknown]

/** Rows that one statement writes. */
const TOGETHER = 64

export function createHarvest({ sql, recent }: Index, length: number): Harvest {
  let current: { generation: number; rows: Iterator<IndexRow> } | undefined

  return {
    carry({ newest, indexed }, most) {
      const generation = generationOf(indexed + 1, length)
      const end = (generation + 1) * length
      if (newest < end) return indexed
      if (current?.generation !== generation) current = { generation, rows: rowsIn(recent, generation) }
      for (let carried = 0; carried < most; carried += TOGETHER) {
        const count = Math.min(TOGETHER, most - carried)
        const some = take(current.rows, count)
        write(sql, some)
        if (some.length < count) {
          current = undefined
          setMark(sql, 'indexed', end)
          return end
        }
      }
      return indexed
    },
    restart() {
      current = undefined
    },
  }
}

function take(rows: Iterator<IndexRow>, most: number): IndexRow[] {
  const some: IndexRow[] = []
  while (some.length < most) {
    const { done, value } = rows.next()
    if (done) break
    some.push(value)
  }
  return some
}

function write(sql: Sql, rows: readonly IndexRow[]): void {
  if (rows.length === 0) return
  const places = Array(rows.length).fill('(?, ?, ?, ?, ?, ?)').join(', ')
  sql(`INSERT OR IGNORE INTO postings VALUES ${places}`).run(...rows.flat())
}

type Shelf = [term: Term, rows: readonly Standing[]][]

/** The rows of a generation, nearly in the order of the index: shelf by shelf, so that no step sorts very many. */
function* rowsIn(recent: Recent, generation: number): Generator<IndexRow> {
  const shelves = new Map<string, Shelf>()
  for (const [term, rows] of recent.termsIn(generation)) {
    const name = `${term[0]} ${term[1].slice(0, 2)}`
    const shelf = shelves.get(name)
    if (shelf) shelf.push([term, rows])
    else shelves.set(name, [[term, rows]])
  }
  const all = shelves.get(`${everything[0]} `)?.[0]?.[1] ?? []
  for (const name of [...shelves.keys()].sort()) yield* rowsOn(shelves.get(name) ?? [], recent)
  yield* expiries(all, recent)
}

function* rowsOn(shelf: Shelf, recent: Recent): Generator<IndexRow> {
  const sorted = shelf.map(([term, rows]) => [bytesOf(term), rows] as const).sort(([a], [b]) => Buffer.compare(a, b))
  for (const [bytes, rows] of sorted)
    for (const row of rows.toReversed()) if (recent.has(row)) yield indexRow(bytes, row)
}

function* expiries(rows: readonly Standing[], recent: Recent): Generator<IndexRow> {
  const bytes = bytesOf(expiring)
  for (const row of rows) {
    const expiry = expiryOf(row)
    if (expiry && recent.has(row)) yield indexRow(bytes, expiry)
  }
}

const indexRow = (bytes: Uint8Array, [seq, age, prefix, kind, expires]: Standing): IndexRow => [
  bytes,
  age,
  prefix,
  seq,
  kind,
  expires ?? null,
]
