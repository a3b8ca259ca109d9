import { type Database, openToRead, openToWrite } from './database.ts'
import { asksForWords, readFound, readFoundPlaces } from './found.ts'
import { createInquiry, type Inquiry, type Search } from './inquiry.ts'
import { createLists } from './lists.ts'
import { createMirror } from './mirror.ts'
import { arrivals, byId, parse, usageOf } from './rows.ts'
import { readPage, readPlaces } from './scan.ts'
import type { Store } from './store.ts'
import { createTexts } from './texts.ts'
import { type Asking, askHere, askThread } from './thread/asking.ts'
import { createWriting, type Writing } from './writing.ts'

export type StoreOptions = {
  /** Bytes of memory for the texts of events. */
  readonly cache?: number
  /** Milliseconds that only go forward; without it pages end by what they hold alone. */
  readonly millis?: () => number
  /** Events that are carried into the file's index together; the same for everybody on one file. */
  readonly generation?: number
}

const CACHE = 67_108_864
const GENERATION = 8192

/**
 * A store in one SQLite file, made when missing; `:memory:` for one that is lost. WAL with `synchronous=FULL`:
 * what `put` has resolved survives kill -9 and power loss. A thread writes, this one reads; in `:memory:` one does both.
 * What is erased is overwritten in the file. Throws `conflict` for a file of a newer program, and the engine's own
 * error for one that cannot be opened or written.
 */
export function openSqliteStore(file: string, options: StoreOptions = {}): Store {
  const { cache = CACHE, millis = () => 0, generation = GENERATION } = options
  const { reader, writer, inquiry } = file === ':memory:' ? openHere(generation) : openThreads(file, generation)
  const { sql } = reader
  const texts = createTexts(sql, cache)
  const mirror = createMirror(sql, texts, generation)
  const { index } = mirror
  const scanning = { index, texts, millis }
  const finding = { inquiry, texts }
  const lists = createLists(sql)

  async function change<N extends 'sweep' | 'erase' | 'enter' | 'look'>(job: N, value: Parameters<Writing[N]>[0]) {
    const done = await writer.ask(job, value)
    mirror.note(done)
    return done
  }

  return {
    async put(batch) {
      const put = batch.map(({ json }) => json)
      return mirror.notePut(await writer.ask('put', put), batch)
    },
    read: async (read) => (asksForWords(read) ? readFound(finding, read) : readPage(scanning, read)),
    async get(id) {
      const row = byId(index, id)
      return row && parse(row)
    },
    newest: mirror.newest,
    places: async (read) => (asksForWords(read) ? readFoundPlaces(finding, read) : readPlaces(scanning, read)),
    arrivals: async (after, most) => arrivals(sql, after, most),
    async others() {
      lists.refresh()
      if (mirror.isBehind()) await change('look', undefined)
      return mirror.others()
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
function openHere(generation: number): Opened {
  const database = openToWrite(':memory:')
  const writing = createWriting(database, generation)
  const inquiry = createInquiry(database)
  function search(asked: Search): number[] {
    while (writing.tidy(undefined));
    return inquiry.search(asked)
  }
  return { reader: database, writer: askHere(writing), inquiry: askHere({ ...inquiry, search }) }
}

/** Brings the file up to date first, so that nobody reads an older one. */
function openThreads(file: string, generation: number): Opened {
  openToWrite(file).close()
  const writer = askThread<Writing>({ file, role: 'write', generation })
  writer.start()
  return { reader: openToRead(file), writer, inquiry: askThread({ file, role: 'read', generation }) }
}
