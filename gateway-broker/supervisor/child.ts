import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { parseJson } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { EX_CONFIG } from '#nips/kit/program'

/** One line of a program's log. */
export type ProgramLine = { event: string } & Record<string, unknown>

export type ChildDeps = {
  name: string
  node: string
  /** What the runtime is told before the script. */
  args?: readonly string[]
  /** What runs it instead, once it has ended before it listened. */
  fallback?: string | undefined
  script: string
  /** Asked at every start, so that a port that was chosen once stays. */
  env: () => Record<string, string | undefined>
  clock: Clock
  onLine: (line: ProgramLine) => void
  /** Text that is no log line: what a crash prints. */
  onText: (text: string) => void
}

/** Milliseconds before a crashed program starts again: doubled from the first to the second, forgotten after a minute. */
const BACKOFF = [250, 15_000] as const
const CALM = 60_000
/** Milliseconds a program has to end by itself. */
const GRACE = 10_000

/** One program of the tree: started, started again when it crashes, stopped with the tree. */
export class Child {
  readonly #deps: ChildDeps
  #process: ChildProcess | undefined
  #stopping = false
  /** Settings and data were good once: whatever it ends with later may pass. */
  #listened = false
  #wait: number = BACKOFF[0]
  #runtime: Pick<ChildDeps, 'node' | 'args'>
  #settle: ((line: ProgramLine) => void) | undefined
  #fail: ((line: ProgramLine) => void) | undefined

  constructor(deps: ChildDeps) {
    this.#deps = deps
    this.#runtime = deps
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts it; resolves with its `listening` line, rejects with its `failed` line when starting again cannot help. */
  start(): Promise<ProgramLine> {
    return new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#fail = reject
      this.#spawn()
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await Promise.race([gone, this.#deps.clock.sleep(GRACE)])
    child.kill('SIGKILL')
    await gone
  }

  #spawn(): void {
    const { script, env, clock, name } = this.#deps
    const { node, args = [] } = this.#runtime
    const started = clock.millis()
    const child = spawn(node, [...args, script], { env: env() as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    let last: ProgramLine = { event: `${name}.failed`, message: `${name} ended without a word` }
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = parseJson(text) as ProgramLine | undefined
      if (typeof line?.event !== 'string') return this.#deps.onText(text)
      if (line.event === `${name}.failed`) last = line
      if (line.event === `${name}.listening`) {
        this.#listened = true
        this.#settle?.(line)
      }
      this.#deps.onLine(line)
    })
    createInterface({ input: child.stderr }).on('line', (text) => this.#deps.onText(text))
    child.once('close', (code, signal) => void this.#onClose({ code, signal, ran: clock.millis() - started, last }))
  }

  async #onClose({
    code,
    signal,
    ran,
    last,
  }: {
    code: number | null
    signal: string | null
    ran: number
    last: ProgramLine
  }): Promise<void> {
    const { name, clock, onLine, fallback } = this.#deps
    if (this.#stopping) return
    if (code === EX_CONFIG && !this.#listened) return this.#fail?.(last)
    if (fallback !== undefined && !this.#listened) this.#runtime = { node: fallback }
    if (ran > CALM) this.#wait = BACKOFF[0]
    onLine({ event: 'supervisor.restart', program: name, code, signal, wait: this.#wait })
    await clock.sleep(this.#wait)
    this.#wait = Math.min(this.#wait * 2, BACKOFF[1])
    if (!this.#stopping) this.#spawn()
  }
}
