import { Fault } from './fault.ts'

/** One environment variable: its name, what it is for, how it is read. `secret` values are never printed. */
export type Setting<T> = { env: string; doc: string; parse: (raw: string) => T; default?: T; secret?: boolean }
export type Settings = Record<string, Setting<unknown>>
export type Values<S extends Settings> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never }

/** Types one row without losing what `parse` returns. */
export const setting = <T>(row: Setting<T>): Setting<T> => row

export const text = (raw: string): string => raw

export function port(raw: string): number {
  const value = Number(raw)
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new Error('must be a port from 1 to 65535')
  return value
}

/** A TCP port; 0 lets the system choose one. */
export const portOrAny = (raw: string): number => (raw.trim() === '0' ? 0 : port(raw))

export function count(raw: string): number {
  const value = Number(raw)
  if (raw.trim() === '' || !Number.isInteger(value) || value < 0) throw new Error('must be a whole number')
  return value
}

/** A whole number from 1. */
export function positive(raw: string): number {
  const value = count(raw)
  if (value === 0) throw new Error('must be at least 1')
  return value
}

export function flag(raw: string): boolean {
  if (raw === '1' || raw === 'true') return true
  if (raw === '0' || raw === 'false' || raw === '') return false
  throw new Error('must be 1 or 0')
}

export const oneOf =
  <const W extends string>(...words: W[]) =>
  (raw: string): W => {
    const word = words.find((candidate) => candidate === raw)
    if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`)
    return word
  }

export const list = (raw: string): string[] =>
  raw
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** The first of several, where one is told to others. */
export const firstOf = (raw: string): string => list(raw)[0] ?? raw

/** Reads one program's settings; every problem is reported in one go, naming the variable. */
export function readSettings<S extends Settings>(table: S, env: Record<string, string | undefined>): Values<S> {
  const problems: string[] = []
  const entries = Object.entries(table).map(([key, row]) => {
    const raw = env[row.env]
    if (raw === undefined || (raw === '' && 'default' in row)) {
      if (!('default' in row)) problems.push(`${row.env} is required: ${row.doc}`)
      return [key, row.default]
    }
    try {
      return [key, row.parse(raw)]
    } catch (error) {
      problems.push(`${row.env} ${error instanceof Error ? error.message : 'is invalid'}`)
      return [key, undefined]
    }
  })
  if (problems.length > 0) throw new Fault('invalid', problems.join('; '))
  return Object.fromEntries(entries) as Values<S>
}

/** One row of `doctor` and of the documentation. */
export type Explained = { env: string; doc: string; value: string; source: 'environment' | 'default'; problem?: string }

/** Every setting of a table as it stands, without the values of secrets. */
export const explainSettings = (table: Settings, env: Record<string, string | undefined>): Explained[] =>
  Object.values(table).map((row) => {
    const raw = env[row.env]
    const { env: name, doc } = row
    if (raw === undefined || (raw === '' && 'default' in row)) return explainUnset(row)
    const explained = { env: name, doc, value: row.secret ? '[secret]' : raw, source: 'environment' } as const
    try {
      row.parse(raw)
      return explained
    } catch (error) {
      return { ...explained, problem: error instanceof Error ? error.message : 'is invalid' }
    }
  })

const explainUnset = (row: Setting<unknown>): Explained => ({
  env: row.env,
  doc: row.doc,
  value: shown(row.default),
  source: 'default',
  ...('default' in row ? {} : { problem: 'is required' }),
})

const shown = (value: unknown): string => {
  if (value === undefined || value === '') return ''
  return Array.isArray(value) ? value.join(',') : String(value)
}
