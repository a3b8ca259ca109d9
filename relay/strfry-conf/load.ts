import { readFileSync, statSync } from 'node:fs'
import { Fault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { readSettings, type Values } from '#nips/kit/settings'
import { type Conf, readConf, readSets } from './read.ts'
import type { Rows } from './row.ts'

type Env = Readonly<Record<string, string | undefined>>

export type Sources = {
  /** strfry.conf; absent where none is used. */
  readonly file?: string | undefined
  /** `key=value` from the command line. */
  readonly sets: readonly string[]
  readonly env: Env
}

/** Where strfry looks for its file: `--config`, $STRFRY_CONFIG, and the first of the usual places that is there. */
export function findConf(named: string | undefined, env: Env, exists: (file: string) => boolean): string | undefined {
  return named ?? (env.STRFRY_CONFIG || ['/etc/strfry.conf', './strfry.conf'].find(exists))
}

/** Every setting: what the command line says, else the environment, else the file, else our default. */
export function loadSettings<R extends Rows>(table: R, { file, sets, env }: Sources, log: Log): Values<R> {
  const conf = file === undefined ? undefined : readFile(file, table)
  if (conf) note(conf, file ?? '', log)
  const set = readSets(sets, table)
  if (set.unsupported.length > 0) log('config.unsupported', { keys: set.unsupported })
  const named = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  return readSettings(table, { ...conf?.env, ...named, ...set.env })
}

function readFile(file: string, table: Rows): Conf {
  try {
    return readConf(readFileSync(file, 'utf8'), table)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    throw new Fault('invalid', `${file} cannot be used: ${why}`)
  }
}

function note({ unsupported, unknown }: Conf, file: string, log: Log): void {
  log('config.read', { file })
  if (unsupported.length > 0) log('config.unsupported', { file, keys: unsupported })
  if (unknown.length > 0) log('config.unknown', { file, keys: unknown })
}

/** Another answer whenever the file is another one; also for a file that is not there. */
export function versionOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return ''
  }
}
