import { Fault } from './fault.ts'

/** What opening a database needs of better-sqlite3; `nips/` loads no engine itself. */
export type Engine = {
  pragma(source: string, options?: { simple: boolean }): unknown
  exec(source: string): unknown
}

/** One step of a schema: SQL, or a function where rows have to be read and written anew. */
export type Migration<E extends Engine = Engine> = string | ((db: E) => void)

/**
 * Makes an opened file safe to promise on: WAL, `synchronous=FULL` asserted (better-sqlite3's own default
 * loses acknowledged rows on power loss), foreign keys, and every migration not yet applied, each in one transaction.
 * Throws `conflict` for a file that a newer program has written.
 */
export function prepareDatabase<E extends Engine>(db: E, migrations: readonly Migration<E>[]): E {
  db.pragma('busy_timeout = 5000')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  const synchronous = db.pragma('synchronous', { simple: true })
  if (synchronous !== 2) throw new Fault('internal', `synchronous is ${String(synchronous)}, not FULL`)
  if (versionOf(db, migrations) < migrations.length) bringUpToDate(db, migrations)
  return db
}

function versionOf(db: Engine, { length }: readonly unknown[]): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > length)
    throw new Fault('conflict', `the data was written by a newer version (schema ${version}, this one knows ${length})`)
  return version
}

/** Asks for the version again in each transaction: another process may have come first. */
function bringUpToDate<E extends Engine>(db: E, migrations: readonly Migration<E>[]): void {
  for (const [index, migration] of migrations.entries()) {
    db.exec('BEGIN IMMEDIATE')
    try {
      if (versionOf(db, migrations) <= index) {
        if (typeof migration === 'string') db.exec(migration)
        else migration(db)
        db.exec(`PRAGMA user_version = ${index + 1}`)
      }
      db.exec('COMMIT')
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
}
