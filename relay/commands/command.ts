import { parseArgs } from 'node:util'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Socket } from '#nips/relay-socket'
import type { Plugin } from '../plugin/plugin.ts'
import type { Store } from '../store/store.ts'
import type { Verifier } from '../verify/verifier.ts'

/** One option of a command. With `value`, the name of what stands behind it; without, it is there or not. */
export type Option = { readonly doc: string; readonly value?: string }

/** One word behind `strfry`, with strfry's own arguments. */
export type Command = {
  readonly name: string
  readonly doc: string
  /** What stands behind the options, each needed; `a|b` for a choice of words, in square brackets if it may be left out. */
  readonly takes?: readonly string[]
  readonly options?: Readonly<Record<string, Option>>
  /** Resolves with the exit code, 0 where it gives none. A Fault is told on standard error and ends with 1. */
  run(given: Given, context: Context): Promise<number | undefined>
}

/** What was written behind a command. */
export type Given = {
  /** What the command takes, in order. */
  readonly words: readonly string[]
  has(option: string): boolean
  text(option: string): string | undefined
  /** A whole number; anything else is `invalid`. */
  count(option: string): number | undefined
}

/** What a command may use. Nothing is opened before it is asked for, and what was opened is closed behind it. */
export type Context = {
  readonly clock: Clock
  readonly store: () => Store
  readonly verifier: () => Promise<Verifier>
  /** A plugin with the command that is asked for at each event. */
  readonly plugin: (command: () => string) => Plugin
  /** The write-policy plugin of the settings. */
  readonly writePolicy: () => string
  readonly dial: (url: string) => Socket
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>
  /** Writes to standard output; resolves when more may come. */
  print(text: string | Uint8Array): Promise<void>
  /** Tells something on standard error. */
  say(text: string): void
  /** Aborted when the program is told to stop. */
  readonly stop: AbortSignal
  readonly files: Files
}

/** The files a command is told to read or write. */
type Files = {
  /** The database. */
  readonly database: string
  read(path: string): string
  /** Another answer whenever the file is another one. */
  version(path: string): string
  exists(path: string): boolean
  /** The bytes of a file, which is removed when they are read. */
  drain(path: string): AsyncIterable<Uint8Array>
}

/** `name [--option=<value>] <word>`. */
export const usageOf = ({ name, takes = [], options = {} }: Command): string =>
  [
    name,
    ...Object.entries(options).map(([option, { value }]) => `[--${option}${value === undefined ? '' : `=<${value}>`}]`),
    ...takes.map((word) => (word.startsWith('[') || word.includes('|') ? word : `<${word}>`)),
  ].join(' ')

/** Reads what is written behind a command. Throws `invalid` with its usage for anything else. */
export function readGiven(command: Command, argv: readonly string[]): Given {
  const { takes = [], options = {} } = command
  const { values, positionals } = parse(command, argv)
  const needed = takes.filter((word) => !word.startsWith('[')).length
  if (positionals.length < needed || positionals.length > takes.length)
    throw new Fault('invalid', `usage: ${usageOf(command)}`)
  const text = (option: string): string | undefined => {
    if (!Object.hasOwn(options, option)) throw new Error(`${command.name} has no option ${option}`)
    const value = values[option]
    return typeof value === 'string' ? value : undefined
  }
  return {
    words: positionals,
    has: (option) => values[option] !== undefined,
    text,
    count(option) {
      const value = text(option)
      if (value === undefined) return undefined
      if (!/^\d{1,15}$/.test(value)) throw new Fault('invalid', `--${option} has to be a whole number`)
      return Number(value)
    },
  }
}

type Parsed = { readonly values: Record<string, unknown>; readonly positionals: readonly string[] }

function parse(command: Command, argv: readonly string[]): Parsed {
  const rows = Object.entries(command.options ?? {})
  const types = rows.map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const)
  try {
    return parseArgs({ args: [...argv], options: Object.fromEntries(types), allowPositionals: true })
  } catch (error) {
    const why = error instanceof Error ? error.message.split('. ')[0] : 'it cannot be read'
    throw new Fault('invalid', `${why}; usage: ${usageOf(command)}`)
  }
}
