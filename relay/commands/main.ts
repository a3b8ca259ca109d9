import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { jsonLog } from '#nips/kit/log'
import type { Named } from '#nips/kit/program'
import type { Values } from '#nips/kit/settings'
import { createPlugin } from '../plugin/plugin.ts'
import { startProgram } from '../plugin/program.ts'
import type { settings } from '../settings.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import { versionOf } from '../strfry-conf/load.ts'
import { openVerifier } from '../verify/open.ts'
import type { Command } from './command.ts'
import { type Host, runCommand } from './run.ts'

export type Errand = {
  readonly command: Command
  /** Its own arguments. */
  readonly argv: readonly string[]
  readonly values: Values<typeof settings>
  /** Only failures are told. */
  readonly quiet: boolean
  readonly named: Named
}

/** Runs one command with this process's input, output and signals, and ends the process with its exit code. */
export async function runErrand({ command, argv, values, quiet, named }: Errand): Promise<never> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()))
  process.stdout.on('error', () => process.exit(0))
  const code = await runCommand(command, argv, hostFor(values, { stop: stop.signal, quiet, named }))
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
  process.exit(code)
}

function hostFor(
  values: Values<typeof settings>,
  { stop, quiet, named }: { stop: AbortSignal; quiet: boolean; named: Named },
): Host {
  const clock = systemClock()
  const log = jsonLog('strfry', clock.now, (line) => {
    if (!quiet) process.stderr.write(`${line}\n`)
  })
  return {
    clock,
    stop,
    named,
    writePolicy: () => values.plugin,
    openStore() {
      mkdirSync(dirname(values.db), { recursive: true })
      return openSqliteStore(values.db)
    },
    openVerifier: () => openVerifier(values.verifyThreads, log),
    startPlugin: (command) =>
      createPlugin({
        settings: () => ({ command: command(), timeout: values.pluginTimeout }),
        start: (text) => startProgram(text, (ms, action) => setTimeout(action, ms)),
        version: (script) => String(statSync(script).mtimeMs),
        clock,
        log,
      }),
    dial: (url) => new WebSocket(url),
    input: process.stdin,
    print: (text) =>
      new Promise((resolve) => {
        if (process.stdout.write(text)) resolve()
        else process.stdout.once('drain', resolve)
      }),
    say(text) {
      if (!quiet || text.startsWith('error: ')) process.stderr.write(`${text}\n`)
    },
    files: {
      database: values.db,
      read: (path) => readFileSync(path, 'utf8'),
      version: versionOf,
      exists: existsSync,
      drain: drainFile,
    },
  }
}

async function* drainFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of createReadStream(path)) yield bytes as Buffer
  } finally {
    rmSync(path)
  }
}
