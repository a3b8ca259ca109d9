import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Runtime } from '#nips/service'

/** Brings OpenClaw's files to where they are; tells how far it is, from 0 to 1, and throws when it cannot. */
export type Install = (onProgress: (progress: number) => void) => Promise<void>

export type RuntimeDeps = {
  version: string
  /** Where `node_modules/openclaw` is, or will be. */
  directory: string
  isInstalled: () => boolean
  install: Install
  clock: Clock
  log: Log
}

/** Seconds between attempts after a failed installation. */
const RETRY = [5, 15, 30, 60]

/** OpenClaw's own files on this machine: installed in the background, tried again by itself, followed by whoever waits. */
export class OpenClawRuntime {
  readonly directory: string
  readonly #deps: RuntimeDeps
  readonly #listeners = new Set<() => void>()
  #state: Runtime
  #attempt = 0

  constructor(deps: RuntimeDeps) {
    this.#deps = deps
    this.directory = deps.directory
    const installed = deps.isInstalled()
    this.#state = { version: deps.version, state: installed ? 'ready' : 'missing', progress: installed ? 1 : 0 }
  }

  get state(): Runtime {
    return this.#state
  }

  /** Calls back on every change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Installs what is missing, and goes on trying until it is there or the signal ends it. */
  async keepTrying(signal: AbortSignal): Promise<void> {
    while (this.#state.state !== 'ready' && !signal.aborted) {
      if (await this.#tryOnce()) return
      const wait = RETRY[Math.min(this.#attempt, RETRY.length) - 1] ?? 60
      await this.#deps.clock.sleep(wait * 1000, signal).catch(() => undefined)
    }
  }

  /** Resolves with the directory once OpenClaw is there. Throws `unavailable` with the reason when installing failed. */
  async ready(onProgress: (progress: number) => void, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { state, progress, reason } = this.#state
        if (state === 'ready') done(() => resolve(this.directory))
        else if (state === 'failed')
          done(() => reject(new Fault('unavailable', `OpenClaw is not installed: ${reason ?? ''}`)))
        else onProgress(progress)
      }
      const onAbort = () => done(() => reject(toFault(signal.reason)))
      const stop = this.onChange(look)
      const done = (settle: () => void) => {
        stop()
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      look()
    })
  }

  async #tryOnce(): Promise<boolean> {
    const started = this.#deps.clock.millis()
    this.#attempt += 1
    this.#become({ state: 'installing', progress: 0 })
    try {
      await this.#deps.install((progress) => this.#become({ state: 'installing', progress }))
      this.#become({ state: 'ready', progress: 1 })
      this.#deps.log('openclaw.installed', {
        version: this.#deps.version,
        ms: Math.round(this.#deps.clock.millis() - started),
      })
      return true
    } catch (thrown) {
      const reason = thrown instanceof Fault ? thrown.message : 'the installer failed'
      this.#become({ state: 'failed', progress: 0, reason })
      this.#deps.log('openclaw.failed', { reason, attempt: this.#attempt })
      return false
    }
  }

  #become(change: Pick<Runtime, 'state' | 'progress' | 'reason'>): void {
    const { state, progress } = this.#state
    if (state === change.state && progress === change.progress) return
    this.#state = { version: this.#deps.version, ...change }
    for (const listener of [...this.#listeners]) listener()
  }
}
