import type { Clock } from '#nips/kit/clock'
import { toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Rows } from './row.ts'

/** Settings that follow their file. */
export type Live<V> = {
  /** As they are now: ask when it matters. */
  readonly values: V
  /** Looks now, instead of at the next second. */
  look(): void
  close(): void
}

export type LiveDeps<V> = {
  table: Rows
  /** Reads everything anew; throws when it cannot be used. */
  read: () => V
  /** Another answer whenever the file is another one. */
  version: () => string
  clock: Pick<Clock, 'every'>
  log: Log
}

/** Milliseconds between two looks at the file. */
const LOOK = 1000

/**
 * Reads the settings again whenever their file changes. Rows marked `reload` take effect at once, the others at the next
 * start, which the log says. A file that cannot be used leaves everything as it was, and the log says why.
 */
export function liveSettings<V extends Record<string, unknown>>(deps: LiveDeps<V>): Live<V> {
  const { table, read, version, clock, log } = deps
  let seen = version()
  let values = read()

  function look(): void {
    const current = version()
    if (current === seen) return
    seen = current
    try {
      take(read())
    } catch (thrown) {
      log('config.kept', { message: toFault(thrown).message, cause: thrown })
    }
  }

  function take(fresh: V): void {
    const changed = Object.keys(table).filter((key) => String(values[key]) !== String(fresh[key]))
    const now = changed.filter((key) => table[key]?.reload)
    values = { ...values, ...Object.fromEntries(now.map((key) => [key, fresh[key]])) }
    log('config.changed', {
      changed: now.map((key) => nameOf(table, key)),
      afterRestart: changed.filter((key) => !table[key]?.reload).map((key) => nameOf(table, key)),
    })
  }

  return {
    get values() {
      return values
    },
    look,
    close: clock.every(LOOK, look),
  }
}

const nameOf = (table: Rows, key: string): string => table[key]?.strfry ?? table[key]?.env ?? key
