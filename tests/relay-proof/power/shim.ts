import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a disk can be told to do while a relay runs; the numbers are shim.c's. */
export const faults = { none: 0, full: 1, readOnly: 2, syncFails: 3 } as const

/** Any C compiler does; a machine without one installs gcc. */
const compiler = 'cc'

/** Compiles the shim into `folder` and gives the environment that puts it between a relay and the files of `disk`. */
export function shimEnv(
  folder: string,
  disk: string,
  options: { journal?: string; fault?: string; syncMicroseconds?: number },
): Record<string, string> {
  const library = join(folder, 'shim.so')
  const source = fileURLToPath(new URL('shim.c', import.meta.url))
  execFileSync(compiler, ['-shared', '-fPIC', '-O2', '-o', library, source])
  return {
    LD_PRELOAD: library,
    POWER_DIR: realpathSync(disk),
    ...(options.journal === undefined ? {} : { POWER_JOURNAL: options.journal }),
    ...(options.fault === undefined ? {} : { POWER_FAULT: options.fault }),
    POWER_SYNC_MICROSECONDS: String(options.syncMicroseconds ?? 0),
  }
}
