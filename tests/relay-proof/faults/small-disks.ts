import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type RelayProcess, startRelay } from '#relay/testing/process'

/** A disk that is really too small, by the means this machine has, and can be made larger. */
export type SmallDisk = {
  readonly name: string
  run(env: Record<string, string>, disk: string): RelayProcess
  /** Makes room for a relay that is running. */
  grow(relay: RelayProcess, disk: string): void
}

/** Of util-linux, which is on every Linux. */
const [unshare, prlimit] = ['unshare', 'prlimit'] as const
const ballast = 'ballast'

/** A file system of its own: 6 MB, of which a ballast holds half. */
const mounted: SmallDisk = {
  name: 'a small file system',
  run(env, disk) {
    const prepare =
      'mountpoint -q "$0" || { mount -t tmpfs -o size=6m tmpfs "$0" && head -c 3m /dev/zero >"$0/ballast"; }; exec "$@"'
    return startRelay(env, [unshare, '-rm', 'sh', '-c', prepare, disk, process.execPath])
  },
  grow: ({ child }, disk) => rmSync(join(`/proc/${child.pid}/root`, disk, ballast)),
}

/** A limit on the size of each file, which the kernel answers with EFBIG. */
const limited: SmallDisk = {
  name: 'a limit on the size of files',
  run: (env) => startRelay(env, [prlimit, '--fsize=2000000:unlimited', process.execPath]),
  grow: ({ child }) => void execFileSync(prlimit, ['--pid', String(child.pid), '--fsize=unlimited']),
}

function mayMount(): boolean {
  try {
    execFileSync(unshare, ['-rm', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const smallDisks: readonly SmallDisk[] = mayMount() ? [mounted, limited] : [limited]
