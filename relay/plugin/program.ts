import { spawn } from 'node:child_process'

/** The operator's program while it runs. */
export type PluginProgram = {
  /** Sends one line. */
  say(line: string): void
  /** The next line it has written; rejects when it ends, and when a line is longer than `LONGEST`. */
  next(): Promise<string>
  /** Ends it: asks first, and makes sure a second later. */
  kill(): void
}

/** Bytes of one line of an answer, as strfry has it. */
const LONGEST = 8192

/**
 * Starts a shell command. What it writes to standard error goes where ours goes. It is the head of a process group
 * of its own, so that a pipeline or a script's children end with it.
 */
export function startProgram(command: string, later: (ms: number, action: () => void) => void): PluginProgram {
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const lines = createLines()
  let alive = true
  child.on('error', (error) => lines.end(error))
  child.on('close', (code, signal) => {
    alive = false
    lines.end(new Error(`the plugin has ended (${signal ?? code})`))
  })
  // Whoever closes its input is ended; how it ended is then told.
  child.stdin.on('error', () => signal('SIGTERM'))
  child.stdout.on('data', lines.add)

  function signal(name: NodeJS.Signals): void {
    if (!alive || child.pid === undefined) return
    try {
      process.kill(-child.pid, name)
    } catch {
      child.kill(name)
    }
  }

  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    next: lines.next,
    kill() {
      lines.end(new Error('the plugin was stopped'))
      signal('SIGTERM')
      later(1000, () => signal('SIGKILL'))
    },
  }
}

/** Cuts a stream of bytes into lines. */
function createLines() {
  const ready: string[] = []
  let rest: Buffer = Buffer.alloc(0)
  let ended: Error | undefined
  let waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined

  function end(error: Error): void {
    ended ??= error
    waiting?.reject(ended)
    waiting = undefined
  }

  function deliver(line: string): void {
    if (!waiting) {
      ready.push(line)
      return
    }
    waiting.resolve(line)
    waiting = undefined
  }

  return {
    end,
    add(chunk: Buffer): void {
      if (ended) return
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let from = 0
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
        if (at - from > LONGEST) break
        deliver(bytes.toString('utf8', from, at))
        from = at + 1
      }
      rest = bytes.subarray(from)
      if (rest.length > LONGEST) end(new Error(`the plugin wrote a line of more than ${LONGEST} bytes`))
    },
    next: (): Promise<string> => {
      const line = ready.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.reject(ended)
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
  }
}
