import { Fault } from '#nips/kit/fault'
import { type Database, openToRead, openToWrite, type Sql } from './database.ts'
import { asksForWords, readFound, readFoundPlaces } from './found.ts'
import { createInquiry, type Inquiry, type Search } from './inquiry.ts'
import { arrivals, byId, listed, mark, parse, usageOf } from './rows.ts'
import { readPage, readPlaces } from './scan.ts'
import type { PutResult, Row, Store } from './store.ts'
import { createTexts } from './texts.ts'
import { type Asking, askHere, askThread } from './thread/asking.ts'
import type { Refusal } from './write.ts'
import { createWriting, LISTS, NEWEST, type Writing } from './writing.ts'

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
 * what `put` has resolved survives kill -9 and power loss. A thread writes, this one reads; in `:memory:` one does both.
 * What is erased is overwritten in the file. Throws `conflict` for a file of a newer program, and the engine's own
 * error for one that cannot be opened or written.
 */
export function openSqliteStore(file: string, { cache = CACHE, millis = () => 0 }: StoreOptions = {}): Store {
  const { reader, writer, inquiry } = file === ':memory:' ? openHere(file) : openThreads(file)
  const { sql } = reader
  const texts = createTexts(sql, cache)
  const scanning = { sql, texts, millis }
  const finding = { inquiry, texts }
  const lists = createLists(sql)
  let newest = mark(sql, NEWEST)
  const unseen: Gap[] = []

  /** Asks for a change and takes note of what it, and others before it, did. */
  async function change<N extends Exclude<keyof Writing, 'learn'>>(job: N, value: Parameters<Writing[N]>[0]) {
    const done = await writer.ask(job, value)
    if (done.from > newest) unseen.push({ after: newest, upTo: done.from })
    newest = done.newest
    texts.drop(done.removed)
    return done
  }

  return {
    async put(batch) {
      const { results } = await change(
        'put',
        batch.map(({ json }) => json),
      )
      return batch.map(({ json }, at) => resultOf(results[at], (seq) => texts.add(seq, json)))
    },
    read: async (read) => (asksForWords(read) ? readFound(finding, read) : readPage(scanning, read)),
    async get(id) {
      const row = byId(sql, id)
      return row && parse(row)
    },
    newest: () => newest,
    places: async (read) => (asksForWords(read) ? readFoundPlaces(finding, read) : readPlaces(scanning, read)),
    arrivals: async (after, most) => arrivals(sql, after, most),
    async others() {
      lists.refresh()
      if (mark(sql, NEWEST) > newest) await change('look', undefined)
      return takeFrom(sql, unseen)
    },
    usage: async (pubkey) => usageOf(sql, pubkey),
    erase: async (ids) => (await change('erase', ids)).removed.length,
    list: lists.get,
    async enter(name, value, note) {
      await change('enter', { name, value, note })
      lists.refresh()
    },
    backup: (target) => inquiry.ask('backup', target),
    async sweep(now) {
      let count = 0
      for (;;) {
        const { length } = (await change('sweep', now)).removed
        count += length
        if (length === 0) return count
      }
    },
    async close() {
      await inquiry.close()
      // The writer leaves last: who does carries what is in the log over into the file.
      reader.close()
      await writer.close()
    },
  }
}

type Opened = { readonly reader: Database; readonly writer: Asking<Writing>; readonly inquiry: Asking<Inquiry> }

/** One connection for everything; an in-memory database has no second one. */
function openHere(file: string): Opened {
  const database = openToWrite(file)
  const writing = createWriting(database)
  const inquiry = createInquiry(database)
  function search(asked: Search): number[] {
    while (writing.learn(undefined));
    return inquiry.search(asked)
  }
  return { reader: database, writer: askHere(writing), inquiry: askHere({ ...inquiry, search }) }
}

/** Brings the file up to date first, so that nobody reads an older one. */
function openThreads(file: string): Opened {
  openToWrite(file).close()
  const writer = askThread<Writing>(file, 'write')
  writer.start()
  return { reader: openToRead(file), writer, inquiry: askThread(file, 'read') }
}

function resultOf(result: number | Refusal | undefined, keep: (seq: number) => void): PutResult {
  if (result === undefined) throw new Fault('internal', 'no result')
  if (typeof result !== 'number') return { outcome: result }
  keep(result)
  return { outcome: 'stored', seq: result }
}

type Lists = {
  readonly get: (name: string) => ReadonlyMap<string, string>
  /** Forgets what was read when somebody has changed a list since. */
  readonly refresh: () => void
}

/** Operators' lists, read once as long as nobody changes them: policies ask for each event. */
function createLists(sql: Sql): Lists {
  const known = new Map<string, ReadonlyMap<string, string>>()
  let version = mark(sql, LISTS)
  return {
    get(name) {
      const list = known.get(name) ?? new Map(listed(sql, name))
      known.set(name, list)
      return list
    },
    refresh() {
      const now = mark(sql, LISTS)
      if (now !== version) known.clear()
      version = now
    },
  }
}
