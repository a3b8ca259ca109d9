import type { Clock } from '#nips/kit/clock'

/** What a server offers of one WebSocket. */
export type Socket = {
  /** Sends text messages, in this order, in as few writes as it can. */
  send(messages: readonly string[]): void
  /** Bytes that wait to leave. */
  waiting(): number
  /** Takes nothing more from the client until `resume`. */
  pause(): void
  resume(): void
  /** Ends it without a word, for a client that does not read. */
  destroy(): void
}

/** Bytes that may wait before stored answers do. */
export const PAUSE = 1_048_576
/** Characters that are handed over at once instead of at the end of the tick. */
const CHUNK = 65_536
/** Milliseconds that a client over its limit may take without reading anything. */
const PATIENCE = 5000
/** Clients that are written to before others have a turn: some five milliseconds. */
const ROUND = 500
/** How often that is looked at, in milliseconds. */
const LOOK = 1000

/** What goes to one client: gathered, and sent in one write at the end of the tick. */
export class Outbox {
  readonly #socket: Socket
  readonly #post: Post
  readonly #onCut: (why: string) => void
  #messages: string[] = []
  #gathered = 0
  #ended = false
  #waiters: (() => void)[] | undefined
  /** When the client took something last, counted only while it is over its limit. */
  #movedAt = 0

  /** `onCut` is told once, when the client is cut off. */
  constructor(socket: Socket, post: Post, onCut: (why: string) => void) {
    this.#socket = socket
    this.#post = post
    this.#onCut = onCut
  }

  send(message: string): void {
    if (this.#ended) return
    this.#gathered += message.length
    if (this.#messages.push(message) === 1) this.#post.later(this)
    if (this.#gathered >= CHUNK) this.flush()
  }

  /** Hands over what was gathered. */
  flush(): void {
    if (this.#ended || this.#messages.length === 0) return
    const messages = this.#messages
    this.#messages = []
    this.#gathered = 0
    this.#socket.send(messages)
    this.check()
  }

  /** Looks whether too much waits; to be called after anything was sent, by whomever. */
  check(): void {
    const waiting = this.#socket.waiting()
    const most = this.#post.maxPending()
    if (waiting > 2 * most) this.cut('the client does not read what it asked for')
    else if (waiting > most && this.#post.watch(this)) this.#movedAt = this.#post.clock.millis()
  }

  /** Resolves when the client has taken most of what was sent, or the connection is gone. */
  room(): Promise<void> {
    this.flush()
    if (this.#hasRoom()) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiters ??= []
      this.#waiters.push(resolve)
    })
  }

  /** Says that the client took something. */
  drained(): void {
    this.#movedAt = this.#post.clock.millis()
    if (!this.#waiters || !this.#hasRoom()) return
    const ready = this.#waiters
    this.#waiters = undefined
    for (const resolve of ready) resolve()
  }

  /** Whether it has to be looked at again; cuts a client off that is over its limit and does not read. */
  isBehind(): boolean {
    if (this.#ended || this.#socket.waiting() <= this.#post.maxPending()) return false
    if (this.#post.clock.millis() - this.#movedAt >= PATIENCE) this.cut('the client does not read what it asked for')
    return !this.#ended
  }

  cut(why: string): void {
    if (this.#ended) return
    this.end()
    this.#onCut(why)
    this.#socket.destroy()
  }

  end(): void {
    this.#ended = true
    this.#messages = []
    this.drained()
  }

  #hasRoom(): boolean {
    return this.#ended || this.#socket.waiting() <= PAUSE
  }
}

/** What all outboxes share: one moment at which they are emptied, and an eye on those who are behind. */
export type Post = {
  readonly clock: Pick<Clock, 'millis'>
  /** Bytes that may wait for one client. Over it, it has five seconds to read something; at twice, it is cut off at once. */
  readonly maxPending: () => number
  /** Flushes the outbox at the end of the tick. */
  later(outbox: Outbox): void
  /** Looks at the outbox until it is no longer behind; `false` when that is done already. */
  watch(outbox: Outbox): boolean
  close(): void
}

export type PostDeps = {
  clock: Pick<Clock, 'millis' | 'every'>
  maxPending: () => number
  /** Runs a task soon, behind the network input that is ready now. */
  defer: (task: () => void) => void
}

export function createPost({ clock, maxPending, defer }: PostDeps): Post {
  const behind = new Set<Outbox>()
  let full: Outbox[] = []

  /** Empties some, and lets the network have its turn before the next. */
  function empty(): void {
    const outboxes = full
    full = outboxes.splice(ROUND)
    for (const outbox of outboxes) outbox.flush()
    if (full.length > 0) defer(empty)
  }

  const close = clock.every(LOOK, () => {
    for (const outbox of behind) if (!outbox.isBehind()) behind.delete(outbox)
  })

  return {
    clock,
    maxPending,
    later(outbox) {
      if (full.push(outbox) === 1) defer(empty)
    },
    watch(outbox) {
      if (behind.has(outbox)) return false
      behind.add(outbox)
      return true
    },
    close,
  }
}
