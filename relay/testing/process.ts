import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** `main.ts` in a process of its own. */
export type RelayProcess = {
  readonly child: ChildProcess
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** The first log line of that event, as it comes; rejects when the process ends without it. */
  line(event: string): Promise<Record<string, unknown>>
}

/** `runtime`: what runs it, with the arguments that go before the program; `argv`: those behind it. */
export function startRelay(
  env: Record<string, string>,
  runtime: string | readonly string[] = process.execPath,
  argv: readonly string[] = [],
): RelayProcess {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const [program = '', ...more] = [runtime].flat()
  const child = spawn(program, [...more, main, ...argv], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Record<string, unknown>[] = []
  const output = createInterface({ input: child.stdout })
  output.on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>))
  const closed = new Promise<void>((resolve) => output.once('close', resolve))
  return {
    child,
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? ''))),
    async line(event) {
      for (;;) {
        const found = lines.find((line) => line.event === event)
        if (found) return found
        const over = await Promise.race([
          new Promise<false>((resolve) => output.once('line', () => resolve(false))),
          closed.then(() => true),
        ])
        if (over && !lines.some((line) => line.event === event))
          throw new Error(`no "${event}" among ${JSON.stringify(lines)}`)
      }
    },
  }
}
