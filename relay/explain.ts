import { Fault } from '#nips/kit/fault'

/** EX_CONFIG of sysexits.h: starting again helps nothing before a setting is changed. */
const CONFIGURATION = 78

/** What keeps the relay from starting, for the person who reads the log, by the error's code. */
const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is taken; stop the other program or choose another RELAY_PORT',
  EADDRNOTAVAIL: 'RELAY_HOST is not an address of this machine',
  EACCES: 'a file or port is not allowed to this user; check RELAY_DB, RELAY_KEY and RELAY_PORT',
  EROFS: 'the file system of RELAY_DB or RELAY_KEY is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a folder of RELAY_DB or RELAY_KEY is a file',
  EISDIR: 'RELAY_DB or RELAY_KEY is a folder, not a file',
  SQLITE_CANTOPEN: 'RELAY_DB cannot be opened; check that the path is a file this user may write',
  SQLITE_READONLY: 'RELAY_DB is read-only',
  SQLITE_NOTADB: 'RELAY_DB is not a SQLite file',
  SQLITE_CORRUPT: 'RELAY_DB is damaged; restore a backup',
  SQLITE_FULL: 'the disk is full',
  SQLITE_BUSY: 'another program holds RELAY_DB',
  SQLITE_IOERR: 'RELAY_DB cannot be read or written; check the disk',
}

/** A sentence for whoever starts the relay, and the exit code that goes with it. */
export function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof Fault && error.code === 'invalid') return { message: error.message, exitCode: CONFIGURATION }
  if (error instanceof Fault) return { message: error.message, exitCode: 1 }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const family = Object.keys(reasons).find((known) => code === known || code.startsWith(`${known}_`))
  return { message: (family && reasons[family]) ?? 'the relay could not start', exitCode: 1 }
}
