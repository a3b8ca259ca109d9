import { Fault } from '#nips/kit/fault'
import { isStrfryKey, type KeyFacts, type StrfryKey, strfryKeys } from './keys.ts'
import { type ConfigObject, type Located, parseConfig } from './parse.ts'
import type { Row, Rows } from './row.ts'

/** What a config file comes to: our variables as it sets them, and what it says that we do not follow. */
export type Conf = {
  readonly env: Readonly<Record<string, string>>
  /** Keys of strfry that no setting answers to and that are not at strfry's default, each with the reason. */
  readonly unsupported: readonly string[]
  /** Keys that strfry does not know either, each with its line. */
  readonly unknown: readonly string[]
}

/** One value with where it was said, for a sentence about it. */
type Said = { readonly key: string; readonly where: string; readonly value: unknown }

/** Reads strfry.conf into our variables. Throws `invalid` naming every key that cannot be used, with its line. */
export const readConf = (text: string, table: Rows): Conf =>
  collect([...leavesOf(parseConfig(text), '')].map(toSaid), table)

/** Reads `key=value` entries of `--set`; `__` may stand for the dot. What strfry does not know is `invalid`. */
export function readSets(entries: readonly string[], table: Rows): Conf {
  const said = entries.map((entry) => {
    const at = entry.indexOf('=')
    if (at < 1) throw new Fault('invalid', `--set ${entry}: key=value is expected`)
    const key = entry.slice(0, at).replaceAll('__', '.')
    if (!isStrfryKey(key)) throw new Fault('invalid', `--set: strfry.conf has no key "${key}"`)
    return { key, where: '--set', value: typed(entry.slice(at + 1), key) }
  })
  return collect(said, table)
}

function* leavesOf(block: ConfigObject, prefix: string): Generator<[key: string, located: Located]> {
  for (const [name, located] of block) {
    const key = `${prefix}${name}`
    if (located.value instanceof Map && !isStrfryKey(key)) yield* leavesOf(located.value as ConfigObject, `${key}.`)
    else yield [key, located]
  }
}

const toSaid = ([key, { value, line }]: [string, Located]): Said => ({ key, where: `line ${line}`, value })

/** A command line has text only. */
function typed(raw: string, key: StrfryKey): unknown {
  const usual = typeof strfryKeys[key].default
  if (usual === 'number' && /^\d+$/.test(raw)) return Number(raw)
  if (usual === 'boolean' && /^(1|true|yes|on)$/i.test(raw)) return true
  if (usual === 'boolean' && /^(0|false|no|off)$/i.test(raw)) return false
  return raw
}

function collect(said: readonly Said[], table: Rows): Conf {
  const rows = new Map(Object.values(table).flatMap((row) => (row.strfry ? [[row.strfry, row] as const] : [])))
  const found = { env: {} as Record<string, string>, unsupported: [] as string[], unknown: [] as string[] }
  const problems: string[] = []
  for (const one of said) {
    const place = `${one.key} (${one.where})`
    if (!isStrfryKey(one.key)) {
      found.unknown.push(place)
      continue
    }
    const facts: KeyFacts = strfryKeys[one.key]
    const row = rows.get(one.key)
    const problem = problemOf(one, facts, row)
    if (problem !== undefined) problems.push(`${place} ${problem}`)
    else if (row) found.env[row.env] = rawOf(one, row)
    else if (one.value !== facts.default) found.unsupported.push(`${place}: ${facts.without ?? ''}`)
  }
  if (problems.length > 0) throw new Fault('invalid', problems.join('; '))
  return found
}

const rawOf = ({ value }: Said, { fromStrfry }: Row<unknown>): string =>
  fromStrfry ? fromStrfry(String(value)) : String(value)

const kinds: Record<string, string> = {
  number: 'has to be a whole number',
  boolean: 'has to be true or false',
  string: 'has to be a string',
}

/** What is wrong with a value in strfry's eyes or in ours. */
function problemOf(said: Said, facts: KeyFacts, row: Row<unknown> | undefined): string | undefined {
  const usual = typeof facts.default
  const isRight = typeof said.value === usual && (usual !== 'number' || isCount(said.value))
  if (!isRight) return kinds[usual]
  if (!row || (said.value === '' && 'default' in row)) return undefined
  try {
    row.parse(rawOf(said, row))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'is invalid'
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
