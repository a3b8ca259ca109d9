import { statfs } from 'node:fs/promises'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'

/** Watches how full the disk is. */
export type Disk = {
  /** Whether less is free than the operator wants to keep. */
  isFull(): boolean
  close(): void
}

export type DiskDeps = {
  /** A file or directory on it. */
  path: string
  /** Percent of the disk that stay free, asked whenever it matters; 0: all may be used. */
  reserve: () => number
  clock: Pick<Clock, 'every'>
  log: Log
  /** Blocks in all, and those that are free for us. */
  measure?: (path: string) => Promise<{ blocks: number; bavail: number }>
}

/** Milliseconds between two looks. */
const LOOK = 5000

/** Resolves after the first look. A disk that cannot be asked counts as one with room: writing tells soon enough. */
export async function watchDisk({ path, reserve, clock, log, measure = statfs }: DiskDeps): Promise<Disk> {
  let full = false

  async function look(): Promise<void> {
    try {
      const { blocks, bavail } = await measure(path)
      note(bavail * 100 < blocks * reserve())
    } catch (cause) {
      note(false)
      log('disk.unknown', { path, cause })
    }
  }

  function note(now: boolean): void {
    if (now !== full) log(now ? 'disk.full' : 'disk.free', { path, reserve: reserve() })
    full = now
  }

  await look()
  return { isFull: () => full, close: clock.every(LOOK, () => void look()) }
}
