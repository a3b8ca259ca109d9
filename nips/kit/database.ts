import { Fault } from './fault.ts'

/** What opening a database needs of better-sqlite3; `nips/` loads no engine itself. */
export type Engine = {
  pragma(source: string, options?: { simple: boolean }): unknown
  exec(source: string): unknown
}

/**
 * Makes an opened file safe to promise on: WAL, `synchronous=FULL` asserted (better-sqlite3's own default
 * loses acknowledged rows on power loss), foreign keys, and every migration not yet applied, each in one transaction.
 * Throws `conflict` for a file that a newer program has written.
 */
export function prepareDatabase<E extends Engine>(db: E, migrations: readonly string[]): E {
  db.pragma('busy_timeout = 5000')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  const synchronous = db.pragma('synchronous', { simple: true })
  if (synchronous !== 2) throw new Fault('internal', `synchronous is ${String(synchronous)}, not FULL`)
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > migrations.length)
    throw new Fault(
      'conflict',
      `the data was written by a newer version (schema ${version}, this one knows ${migrations.length})`,
    )
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    db.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT;`)
  }
  return db
}
