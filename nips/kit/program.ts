import { Fault, type FaultCode, toFault } from './fault.ts'
import type { Log } from './log.ts'

/** What a program ends with when its settings or its data are at fault: starting it again will not help (sysexits EX_CONFIG). */
export const EX_CONFIG = 78

/** The settings a sentence may name: where a program listens, and where it keeps what it keeps. */
export type Named = { port: string; data: string }
const usual: Named = { port: 'PORT', data: 'DATA_DIR' }

export type ProgramDeps = { log: Log; exit: (code: number) => void; named?: Named }

/**
 * Runs a program's `main`. A Fault becomes one log line `<program>.failed` with its message and what to do, and an exit
 * code: 78 when starting it again cannot help, 1 otherwise.
 */
export async function runProgram(
  program: string,
  { log, exit, named = usual }: ProgramDeps,
  main: () => Promise<void>,
): Promise<void> {
  try {
    await main()
  } catch (thrown) {
    const fault = toFault(explainSystemError(thrown, named))
    log(`${program}.failed`, {
      message: fault.message,
      fix: fault.fix,
      ...(fault.code === 'internal' ? { error: fault } : {}),
    })
    exit(fault.code === 'internal' || fault.retry ? 1 : EX_CONFIG)
  }
}

type SystemError = { code: string; port?: number; path?: string; message: string }
type Sentence = (error: SystemError, named: Named) => string
type Row = [code: FaultCode, sentence: Sentence]

const unwritable: Row = [
  'invalid',
  ({ path }, { data }) => `no permission to write ${path ?? ''}; set ${data} to a place you may write`,
]
const fileInTheWay: Row = [
  'invalid',
  ({ path }, { data }) => `a folder of ${data} is a file (${path ?? ''}); set it to another place`,
]
const full: Row = ['unavailable', () => 'the disk is full']

/** The usual refusals of an operating system and of SQLite, by code. */
const refusals: Record<string, Row> = {
  EADDRINUSE: [
    'unavailable',
    ({ port }, named) => `port ${port} is taken by another program; stop it, or set ${named.port} to a free one`,
  ],
  EADDRNOTAVAIL: ['invalid', () => 'the address to listen on is none of this machine'],
  EACCES: unwritable,
  EPERM: unwritable,
  EROFS: unwritable,
  EEXIST: fileInTheWay,
  ENOTDIR: fileInTheWay,
  EISDIR: ['invalid', (_error, { data }) => `${data} is a folder where a file is needed`],
  ENOSPC: full,
  SQLITE_FULL: full,
  SQLITE_CANTOPEN: [
    'invalid',
    ({ message }, { data }) => `${data} cannot be opened (${message}); check that you may write it`,
  ],
  SQLITE_READONLY: ['invalid', (_error, { data }) => `${data} is read-only; set it to a place you may write`],
  SQLITE_NOTADB: ['invalid', (_error, { data }) => `${data} is not a SQLite file`],
  SQLITE_CORRUPT: ['invalid', (_error, { data }) => `${data} is damaged; restore a backup`],
  SQLITE_BUSY: ['unavailable', (_error, { data }) => `another program holds ${data}`],
  SQLITE_IOERR: ['unavailable', (_error, { data }) => `${data} cannot be read or written; check the disk`],
}

/** A refusal of the system as a Fault with words; anything else as it is. */
export function explainSystemError(thrown: unknown, named: Named = usual): unknown {
  if (thrown instanceof Fault || typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return thrown
  const error = thrown as SystemError
  const family = Object.keys(refusals).find((code) => error.code === code || String(error.code).startsWith(`${code}_`))
  const row = family === undefined ? undefined : refusals[family]
  return row === undefined ? thrown : new Fault(row[0], row[1](error, named), thrown)
}
