import { Fault } from '#nips/kit/fault'

/** What stands before a command's own arguments, as strfry takes it. */
export type CommandLine = {
  /** strfry.conf, where one is named. */
  readonly config?: string
  /** `key=value` of each `--set`. */
  readonly sets: readonly string[]
  /** Nothing but failures is told. */
  readonly quiet: boolean
  readonly help: boolean
  readonly version: boolean
  /** Tells the settings as JSON, for `doctor`. */
  readonly settings: boolean
  readonly command?: string
  /** The command's own arguments. */
  readonly rest: readonly string[]
}

type Building = { -readonly [K in keyof CommandLine]: CommandLine[K] } & { sets: string[] }

const flags: Record<string, 'help' | 'version' | 'settings'> = {
  ...{ '--help': 'help', '-h': 'help' },
  ...{ '--version': 'version', '--settings': 'settings' },
}

/** Reads `[--config=…] [--set=key=value]… [--verbosity=…] <command> [<args>…]`. Throws `invalid` for anything else. */
export function splitArguments(argv: readonly string[]): CommandLine {
  const line: Building = { sets: [], quiet: false, help: false, version: false, settings: false, rest: [] }
  const left = [...argv]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!word.startsWith('-')) return { ...line, command: word, rest: left }
    const flag = flags[word]
    if (flag) line[flag] = true
    else readOption(line, word, left)
  }
  return line
}

function readOption(line: Building, word: string, left: string[]): void {
  const [, name = '', attached] = /^(--[a-z]+)(?:=(.*))?$/s.exec(word) ?? []
  if (!['--config', '--set', '--verbosity'].includes(name)) throw new Fault('invalid', `unknown option ${word}`)
  const value = attached ?? left.shift()
  if (value === undefined) throw new Fault('invalid', `a value is missing behind ${name}`)
  if (name === '--config') line.config = value
  else if (name === '--verbosity') line.quiet = /^(ERROR|WARN|WARNING|OFF|-\d+)$/i.test(value)
  else line.sets.push(value.includes('=') ? value : `${value}=${left.shift() ?? ''}`)
}
