import { existsSync, readFileSync, rmSync } from 'node:fs'
import { verifySchnorr } from '#nips/keys'
import { systemClock } from '#nips/kit/clock'
import { commands } from '../commands/index.ts'
import { type Host, runCommand } from '../commands/run.ts'
import type { Plugin } from '../plugin/plugin.ts'
import type { Store } from '../store/store.ts'
import { versionOf } from '../strfry-conf/load.ts'
import { inlineVerifier } from '../verify/verifier.ts'
import { NOW } from './events.ts'

/** A command that runs, or has run, in this process. */
export type Errand = {
  /** The exit code. */
  readonly ended: Promise<number>
  /** What it has written to standard output, and told on standard error. */
  readonly out: () => string
  readonly told: readonly string[]
  stop(): void
}

export type ErrandOptions = {
  store: Store
  input?: AsyncIterable<Uint8Array>
  plugin?: Plugin['ask']
  /** What the plugin of each kind was configured as, in the order they were started. */
  onPlugin?: (command: () => string) => void
}

/** Lines as standard input brings them, cut anywhere. */
export async function* inputOf(lines: readonly (string | object)[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

/** Runs a command on a store that stays open; now is `NOW`, and waits are real. */
export function errand(
  argv: readonly string[],
  { store, input = inputOf([]), plugin, onPlugin }: ErrandOptions,
): Errand {
  const written: string[] = []
  const told: string[] = []
  const stop = new AbortController()
  const command = commands.find(({ name }) => name === argv[0])
  if (!command) throw new Error(`no command ${argv[0]}`)
  const host: Host = {
    clock: { ...systemClock(), now: () => NOW },
    stop: stop.signal,
    named: { port: 'PORT', data: 'DATA' },
    writePolicy: () => 'write-policy',
    openStore: () => ({ ...store, close: async () => undefined }),
    openVerifier: async () => inlineVerifier('test', verifySchnorr),
    startPlugin(line) {
      onPlugin?.(line)
      return { ask: plugin ?? (async () => ({ action: 'accept', msg: '' })), isOn: () => true, close: () => undefined }
    },
    dial: (url) => new WebSocket(url),
    input,
    print: async (text) => void written.push(typeof text === 'string' ? text : Buffer.from(text).toString('latin1')),
    say: (text) => void told.push(text),
    files: {
      database: 'nowhere.db',
      read: (path) => readFileSync(path, 'utf8'),
      version: versionOf,
      exists: existsSync,
      async *drain(path) {
        yield readFileSync(path)
        rmSync(path)
      },
    },
  }
  return {
    ended: runCommand(command, argv.slice(1), host),
    out: () => written.join(''),
    told,
    stop: () => stop.abort(),
  }
}
