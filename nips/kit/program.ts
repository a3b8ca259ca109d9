import { Fault, toFault } from './fault.ts'
import type { Log } from './log.ts'

/** What a program ends with when its settings or its data are at fault: starting it again will not help (sysexits EX_CONFIG). */
export const EX_CONFIG = 78

/**
 * Runs a program's `main`. A Fault becomes one log line `<program>.failed` with its message and what to do, and an exit
 * code: 78 when starting it again cannot help, 1 otherwise.
 */
export async function runProgram(
  program: string,
  { log, exit }: { log: Log; exit: (code: number) => void },
  main: () => Promise<void>,
): Promise<void> {
  try {
    await main()
  } catch (thrown) {
    const fault = toFault(explainSystemError(thrown))
    log(`${program}.failed`, {
      message: fault.message,
      fix: fault.fix,
      ...(fault.code === 'internal' ? { error: fault } : {}),
    })
    exit(fault.code === 'internal' || fault.retry ? 1 : EX_CONFIG)
  }
}

type SystemError = { code?: string; port?: number; path?: string; message?: string }

/** The usual refusals of an operating system as Faults with words; anything else as it is. */
export function explainSystemError(thrown: unknown): unknown {
  if (thrown instanceof Fault) return thrown
  const { code, port, path, message } = (thrown ?? {}) as SystemError
  switch (code) {
    case 'EADDRINUSE':
      return new Fault('conflict', `port ${port} is taken by another program; set PORT to a free one`, thrown)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Fault(
        'invalid',
        `no permission to write ${path ?? ''}; set DATA_DIR to a directory you may write`,
        thrown,
      )
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
      return new Fault(
        'invalid',
        `the database cannot be written (${message}); set DATA_DIR to a directory you may write`,
        thrown,
      )
    case 'ENOSPC':
    case 'SQLITE_FULL':
      return new Fault('unavailable', 'the disk is full', thrown)
    default:
      return thrown
  }
}
