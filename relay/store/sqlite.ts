import { Fault } from '#nips/kit/fault'
import { openToWrite, type Sql } from './database.ts'
import { arrivals, byId, listed, mark, parse, usageOf } from './rows.ts'
import { readPage, readPlaces } from './scan.ts'
import type { PutResult, Row, Store } from './store.ts'
import { createTexts } from './texts.ts'
import { type Committed, createWriting, NEWEST } from './writing.ts'

export type StoreOptions = {
  /** Bytes of memory for the texts of events. */
  readonly cache?: number
  /** Milliseconds that only go forward; without it pages end by what they hold alone. */
  readonly millis?: () => number
}

/** Numbers that other processes have given. */
type Gap = { readonly after: number; readonly upTo: number }

/** Events of the first gap that are still there; leaves the rest of it. */
function takeFrom(sql: Sql, gaps: Gap[]): Row[] {
  const gap = gaps.shift()
  if (gap === undefined) return []
  const rows = arrivals(sql, gap.after, MOST_OTHERS)
  const own = rows.filter(({ seq }) => seq <= gap.upTo)
  const last = own.at(-1)
  if (rows.length === own.length && last && rows.length === MOST_OTHERS)
    gaps.unshift({ after: last.seq, upTo: gap.upTo })
  return own.length > 0 ? own : takeFrom(sql, gaps)
}

/** Other processes' events that are handed over at once. */
const MOST_OTHERS = 100
const CACHE = 67_108_864

/**
 * A store in one SQLite file, made when missing; `:memory:` for one that is lost. WAL with `synchronous=FULL`:
 * what `put` has resolved survives kill -9 and power loss. What is erased is overwritten in the file. Throws `conflict` for a file of a newer program,
 * and the engine's own error for one that cannot be opened or written.
 */
export function openSqliteStore(file: string, { cache = CACHE, millis = () => 0 }: StoreOptions = {}): Store {
  const database = openToWrite(file)
  const { sql } = database
  const writing = createWriting(database)
  const texts = createTexts(sql, cache)
  const scanning = { sql, texts, millis }
  let newest = mark(sql, NEWEST)
  const unseen: Gap[] = []

  function settle<Done extends Committed>(done: Done): Done {
    if (done.from > newest) unseen.push({ after: newest, upTo: done.from })
    newest = done.newest
    texts.drop(done.removed)
    return done
  }

  return {
    async put(batch) {
      const { results } = settle(writing.put(batch.map(({ json }) => json)))
      return batch.map(({ json }, at) => {
        const result = results[at]
        if (result === undefined) throw new Fault('internal', 'no result')
        if (typeof result !== 'number') return { outcome: result }
        texts.add(result, json)
        return { outcome: 'stored', seq: result } satisfies PutResult
      })
    },
    read: async (read) => readPage(scanning, read),
    async get(id) {
      const row = byId(sql, id)
      return row && parse(row)
    },
    newest: () => newest,
    places: async (read) => readPlaces(scanning, read),
    arrivals: async (after, most) => arrivals(sql, after, most),
    async others() {
      if (mark(sql, NEWEST) > newest) settle(writing.look())
      return takeFrom(sql, unseen)
    },
    usage: async (pubkey) => usageOf(sql, pubkey),
    erase: async (ids) => settle(writing.erase(ids)).removed.length,
    list: (name) => new Map(listed(sql, name)),
    async enter(name, value, note) {
      settle(writing.enter({ name, value, note }))
    },
    async backup(target) {
      sql('VACUUM INTO ?').run(target)
    },
    async sweep(now) {
      let count = 0
      for (;;) {
        const { length } = settle(writing.sweep(now)).removed
        count += length
        if (length === 0) return count
      }
    },
    close: async () => database.close(),
  }
}
