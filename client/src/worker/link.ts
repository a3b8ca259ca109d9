import type { Clock } from '#nips/kit/clock'
import type { LinkView } from '../model.ts'

/** Opens a socket; `closed` is called once, whatever the cause. */
export type Dial = (url: string, on: SocketEvents) => Socket
export type Socket = { send(frame: string): void; close(): void }
export type SocketEvents = { opened(): void; frame(text: string): void; closed(): void }

export type LinkDeps = { url: string; clock: Clock; dial: Dial; random: () => number }
export type LinkEvents = {
  opened(): void
  frame(text: string): void
  state(view: LinkView): void
  /** Nothing was heard for a while: say something that has to be answered. */
  quiet(): void
}

/** Milliseconds. The pause grows from the first to the last after every failure. */
const FIRST_PAUSE = 800
const LAST_PAUSE = 15_000
const DIAL_TIMEOUT = 10_000
const QUIET = 40_000
const QUIET_TIMEOUT = 10_000

/** Keeps one connection to the relay: dials again after every cut, notices one that died silently, and says how it is. */
export class Link {
  readonly #deps: LinkDeps
  readonly #events: LinkEvents
  readonly #over = new AbortController()
  #socket: Socket | undefined
  #pause = FIRST_PAUSE
  #heard = 0
  #before = false
  #wake: (() => void) | undefined

  constructor(deps: LinkDeps, events: LinkEvents) {
    this.#deps = deps
    this.#events = events
  }

  /** Runs until `close`. */
  async run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.#events.state({ state: 'connecting', before: this.#before })
      await this.#connection()
      if (this.#over.signal.aborted) return
      const pause = Math.round(this.#pause * (0.75 + this.#deps.random() * 0.5))
      this.#pause = Math.min(LAST_PAUSE, this.#pause * 1.8)
      const tryAt = this.#deps.clock.now() + Math.ceil(pause / 1000)
      this.#events.state({ state: 'offline', tryAt, before: this.#before })
      await this.#rest(pause)
    }
  }

  /** Ends the pause before the next try. */
  retryNow(): void {
    this.#pause = FIRST_PAUSE
    this.#wake?.()
  }

  send(frame: string): void {
    this.#socket?.send(frame)
  }

  close(): void {
    this.#over.abort()
    this.#wake?.()
    this.#socket?.close()
  }

  /** One socket from dialling to its end. */
  async #connection(): Promise<void> {
    const ended = Promise.withResolvers<void>()
    const over = new AbortController()
    let open = false
    const socket = this.#deps.dial(this.#deps.url, {
      opened: () => {
        open = true
        this.#heard = this.#deps.clock.millis()
        this.#socket = socket
        this.#before = true
        this.#events.state({ state: 'connected', before: true })
        this.#events.opened()
      },
      frame: (text) => {
        this.#heard = this.#deps.clock.millis()
        this.#pause = FIRST_PAUSE
        this.#events.frame(text)
      },
      closed: () => ended.resolve(),
    })
    const hangUp = () => {
      socket.close()
      ended.resolve()
    }
    this.#over.signal.addEventListener('abort', hangUp, { signal: over.signal })
    this.#after(DIAL_TIMEOUT, over.signal, () => {
      if (!open) hangUp()
    })
    const stopWatch = this.#deps.clock.every(QUIET / 2, () => this.#watch(hangUp, over.signal))
    await ended.promise
    over.abort()
    stopWatch()
    this.#socket = undefined
  }

  #watch(hangUp: () => void, ended: AbortSignal): void {
    if (this.#socket === undefined || this.#deps.clock.millis() - this.#heard < QUIET) return
    const asked = this.#deps.clock.millis()
    this.#events.quiet()
    this.#after(QUIET_TIMEOUT, ended, () => {
      if (this.#heard < asked) hangUp()
    })
  }

  async #rest(ms: number): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await this.#deps.clock.sleep(ms, woken.signal).catch(() => undefined)
    this.#wake = undefined
  }

  #after(ms: number, signal: AbortSignal, action: () => void): void {
    this.#deps.clock.sleep(ms, signal).then(action, () => undefined)
  }
}

/** A browser WebSocket as a `Dial`. */
export const dialWebSocket: Dial = (url, on) => {
  const socket = new WebSocket(url)
  socket.onopen = () => on.opened()
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') on.frame(data)
  }
  socket.onclose = () => on.closed()
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    close: () => socket.close(),
  }
}
