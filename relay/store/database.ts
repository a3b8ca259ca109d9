import Sqlite from 'better-sqlite3'
import { prepareDatabase } from '#nips/kit/database'
import { Fault } from '#nips/kit/fault'
import { migrations } from './migrations.ts'

/** A statement that is ready to run; rows come as arrays, in the order of their columns. */
type Statement = {
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  run(...values: unknown[]): unknown
}
/** Gives the statement for an SQL text, prepared once. */
export type Sql = (text: string) => Statement

/** One connection to a SQLite file. */
export type Database = {
  readonly sql: Sql
  /** Runs `work` between `BEGIN IMMEDIATE` and `COMMIT`; what it throws undoes all of it. */
  transact<T>(work: () => T): T
  close(): void
}

/** Older ones may lose what a checkpoint and another connection's commit do at the same moment. */
const OLDEST = [3, 51, 3] as const
/** Pages of the log after which they are carried over into the file. */
const CHECKPOINT = 4000

/**
 * Opens a file to write, made and brought up to date when it has to be; `:memory:` for one that is lost. WAL with
 * `synchronous=FULL`; what is erased is overwritten. Throws `conflict` for a file of a newer program, and the engine's
 * own error for one that cannot be opened or written.
 */
export function openToWrite(file: string): Database {
  return guarded(new Sqlite(file), (db) => {
    db.pragma('secure_delete = ON')
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT}`)
    db.pragma('cache_size = -65536')
    const prepare = (text: string) => db.prepare<unknown[]>(text)
    prepareDatabase({ pragma: db.pragma.bind(db), exec: db.exec.bind(db), prepare }, migrations)
  })
}

/** Opens a file that `openToWrite` has opened before, for reading only. */
export const openToRead = (file: string): Database =>
  guarded(new Sqlite(file, { readonly: true }), (db) => {
    db.pragma('busy_timeout = 1000')
    db.pragma('cache_size = -32768')
  })

function guarded(db: Sqlite.Database, prepare: (db: Sqlite.Database) => void): Database {
  try {
    const version = db.prepare('SELECT sqlite_version()').pluck().get() as string
    if (isOlder(version.split('.').map(Number)))
      throw new Fault('internal', `SQLite ${version} is older than ${OLDEST.join('.')}`)
    prepare(db)
  } catch (error) {
    db.close()
    throw error
  }
  return {
    sql: remember((text) => readable(db.prepare(text))),
    transact: transactions((text) => db.exec(text)),
    close: () => void db.close(),
  }
}

const readable = (statement: Sqlite.Statement): Statement =>
  (statement.reader ? statement.raw() : statement) as unknown as Statement

const isOlder = (version: readonly number[]): boolean => {
  const at = OLDEST.findIndex((part, index) => version[index] !== part)
  return at >= 0 && (version[at] ?? 0) < (OLDEST[at] ?? 0)
}

/** Keeps each statement once it is prepared; the texts are few and fixed. */
function remember(prepare: Sql): Sql {
  const known = new Map<string, Statement>()
  return (text) => {
    const statement = known.get(text) ?? prepare(text)
    known.set(text, statement)
    return statement
  }
}

const transactions =
  (run: (text: string) => unknown) =>
  <T>(work: () => T): T => {
    run('BEGIN IMMEDIATE')
    try {
      const result = work()
      run('COMMIT')
      return result
    } catch (error) {
      undo(run)
      throw error
    }
  }

/** Some failures (a full disk) have ended the transaction already. */
function undo(run: (text: string) => unknown): void {
  try {
    run('ROLLBACK')
  } catch {
    // There is nothing left to undo.
  }
}
