import type { Clock } from './kit/clock.ts'

/** The part of a WebSocket that is used; browsers', Node's and Bun's all fit. */
export type Socket = {
  send(text: string): void
  close(): void
  addEventListener(name: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(name: 'message', listener: (message: { data: unknown }) => void): void
}

/** Begins a connection; `(url) => new WebSocket(url)` everywhere but in tests. */
export type Dial = (url: string) => Socket

export type LinkState = {
  state: 'connecting' | 'connected' | 'offline'
  /** When the next try begins, while `offline`: seconds since 1970. */
  tryAt?: number
  /** Whether there was a connection before: then `connecting` means reconnecting. */
  before: boolean
}

/** `random` gives numbers from 0 up to 1: clients that were cut together do not come back together. */
export type SocketDeps = { url: string; clock: Clock; dial: Dial; random: () => number }

export type SocketEvents = {
  onState(state: LinkState): void
  /** One text frame of the connection that stands. */
  onFrame(text: string): void
  /** Nothing was heard for a while: say something that has to be answered. */
  onQuiet(): void
}

/** Milliseconds. The pause grows from the first to the last after every failure, until a connection brought something. */
const FIRST_PAUSE = 800
const LAST_PAUSE = 15_000
const DIAL_TIMEOUT = 10_000
const QUIET = 40_000
const QUIET_TIMEOUT = 10_000

/** Keeps one WebSocket to a relay: dials again after every cut, notices one that died silently, and says how it is. */
export class RelaySocket {
  readonly #deps: SocketDeps
  readonly #events: SocketEvents
  readonly #timers = new Set<() => void>()
  #phase: LinkState['state'] | 'new' | 'closed' = 'new'
  #socket: Socket | undefined
  #before = false
  #pause = FIRST_PAUSE
  #heard = 0

  constructor(deps: SocketDeps, events: SocketEvents) {
    this.#deps = deps
    this.#events = events
  }

  get isConnected(): boolean {
    return this.#phase === 'connected'
  }

  /** Dials; from then on there is a connection or another try, until `close`. */
  open(): void {
    if (this.#phase === 'new') this.#dial()
  }

  /** Sends a frame; lost while there is no connection. */
  send(frame: string): void {
    if (this.isConnected) this.#socket?.send(frame)
  }

  /** Ends the pause before the next try. */
  retryNow(): void {
    this.#pause = FIRST_PAUSE
    if (this.#phase === 'offline') this.#dial()
  }

  /** Runs `action` once after `ms` milliseconds, unless the connection ends before. */
  later(ms: number, action: () => void): void {
    // A sleep is called off with an AbortController, which the language itself does not have.
    const stop = this.#deps.clock.every(ms, () => {
      stop()
      this.#timers.delete(stop)
      action()
    })
    this.#timers.add(stop)
  }

  close(): void {
    this.#enter('closed')
  }

  #dial(): void {
    this.#enter('connecting')
    const socket = this.#tryDial()
    this.#socket = socket
    if (socket === undefined) {
      this.#lose()
      return
    }
    /** A socket that was given up may go on speaking. */
    const whileOurs = (action: () => void): void => {
      if (this.#socket === socket) action()
    }
    const lose = () => whileOurs(() => this.#lose())
    socket.addEventListener('open', () => whileOurs(() => this.#connected()))
    socket.addEventListener('message', ({ data }) => whileOurs(() => this.#hear(data)))
    socket.addEventListener('close', lose)
    socket.addEventListener('error', lose)
    this.later(DIAL_TIMEOUT, lose)
    this.#tell('connecting')
  }

  /** An address that no browser would dial from here is one more relay that is away. */
  #tryDial(): Socket | undefined {
    try {
      return this.#deps.dial(this.#deps.url)
    } catch {
      return undefined
    }
  }

  #connected(): void {
    this.#enter('connected')
    this.#before = true
    this.#heard = this.#deps.clock.millis()
    this.#timers.add(this.#deps.clock.every(QUIET / 2, () => this.#watch()))
    this.#tell('connected')
  }

  #hear(data: unknown): void {
    this.#heard = this.#deps.clock.millis()
    this.#pause = FIRST_PAUSE
    if (typeof data === 'string') this.#events.onFrame(data)
  }

  #watch(): void {
    const asked = this.#deps.clock.millis()
    if (asked - this.#heard < QUIET) return
    this.#events.onQuiet()
    this.later(QUIET_TIMEOUT, () => {
      if (this.#heard < asked) this.#lose()
    })
  }

  #lose(): void {
    this.#enter('offline')
    const pause = Math.round(this.#pause * (0.75 + this.#deps.random() * 0.5))
    this.#pause = Math.min(LAST_PAUSE, this.#pause * 1.8)
    this.later(pause, () => this.#dial())
    this.#tell('offline', { tryAt: this.#deps.clock.now() + Math.ceil(pause / 1000) })
  }

  /** What was to happen later belongs to the phase that is over; only one phase has a socket after another. */
  #enter(phase: LinkState['state'] | 'closed'): void {
    for (const stop of this.#timers) stop()
    this.#timers.clear()
    this.#phase = phase
    if (phase === 'connected') return
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  /** The last step of every change, because whoever hears it may close the link. */
  #tell(state: LinkState['state'], more?: { tryAt: number }): void {
    this.#events.onState({ state, before: this.#before, ...more })
  }
}
