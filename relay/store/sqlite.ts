import Database from 'better-sqlite3'
import { prepareDatabase } from '#nips/kit/database'
import { migrations } from './migrations.ts'
import { remember } from './prepare.ts'
import { arrivals, byId, enter, expiredBy, listed, newestSeq, parse, remove, removeAll, usageOf } from './rows.ts'
import { readPage } from './scan.ts'
import type { Entry, PutResult, Store } from './store.ts'
import { putOne } from './write.ts'

/**
 * A store in one SQLite file, made when missing; `:memory:` for one that is lost. WAL with `synchronous=FULL`:
 * what `put` has resolved survives kill -9 and power loss. What is erased is overwritten in the file. Throws `conflict` for a file of a newer program,
 * and the engine's own error for one that cannot be opened or written.
 */
export function openSqliteStore(file: string): Store {
  const database = new Database(file)
  try {
    prepareDatabase(database, migrations)
    database.pragma('secure_delete = ON')
  } catch (error) {
    database.close()
    throw error
  }
  const db = remember((sql) => database.prepare(sql))
  let newest = newestSeq(db)

  /** The numbers go on from the highest ever seen, so that a freed one is not given again. */
  const putAll = database.transaction((batch: readonly Entry[]): [results: PutResult[], last: number] => {
    let seq = Math.max(newest, newestSeq(db))
    const results = batch.map((entry) => {
      const result = putOne(db, entry, seq + 1)
      if (result.outcome === 'stored') seq = result.seq
      return result
    })
    return [results, seq]
  })
  const sweepAll = database.transaction((now: number) => removeAll(db, () => expiredBy(db, now)))

  const eraseAll = database.transaction((ids: readonly string[]) => {
    const rows = ids.flatMap((id) => byId(db, id) ?? [])
    for (const row of rows) remove(db, row)
    return rows.length
  })

  return {
    async put(batch) {
      const [results, last] = putAll.immediate(batch)
      newest = last
      return results
    },
    read: async (read) => readPage(db, read),
    async get(id) {
      const row = byId(db, id)
      return row && parse(row)
    },
    newest: () => newest,
    async places(read) {
      const { rows, next } = readPage(db, read)
      return { places: rows.map(({ createdAt, id }) => ({ createdAt, id })), ...(next ? { next } : {}) }
    },
    arrivals: async (after, most) => arrivals(db, after, most),
    usage: async (pubkey) => usageOf(db, pubkey),
    erase: async (ids) => eraseAll.immediate(ids),
    list: (name) => new Map(listed(db, name)),
    async enter(name, value, note) {
      enter(db, { name, value, note })
    },
    async backup(target) {
      db('VACUUM INTO ?').run(target)
    },
    sweep: async (now) => sweepAll.immediate(now),
    close: () => {
      database.close()
    },
  }
}
