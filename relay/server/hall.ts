import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Connection } from '../connection.ts'
import type { Socket } from '../outbox.ts'
import type { Relay } from '../relay.ts'
import { type Visit, Visitors } from './visitors.ts'

/** One WebSocket, as its server offers it. */
export type Peer = Socket & {
  ping(): void
  close(code: number, reason: string): void
}

/** What a server tells of one WebSocket. */
export type Guest = {
  text(message: string): void
  binary(): void
  pong(): void
  drained(): void
  gone(code: number): void
}

/** Everybody who is connected. What both servers have to do is done here, once. */
export type Hall = {
  /** Why somebody from this address may not come in now. */
  refusal(remote: string): Fault | undefined
  enter(peer: Peer, remote: string): Guest
  /** Resolves when the last has left, or after so many milliseconds. */
  drain(most: number): Promise<void>
  /**
   * Takes no more messages, answers those it has taken, then asks all to leave and ends those who have not within
   * `GOODBYE`; resolves when the last has left.
   */
  goodbye(): Promise<void>
}

/** Milliseconds between two pings; who has not answered by the next one is gone. */
const PING = 55_000
/** Milliseconds that what was taken may take to be answered when the relay stops. */
const LAST_WORK = 5000
/** Milliseconds a client has to answer a goodbye. */
const GOODBYE = 2000
const GOING_AWAY = 1001
const UNSUPPORTED = 1003

export type HallDeps = { relay: Pick<Relay, 'connect' | 'limits' | 'refuses'>; clock: Clock; log: Log }

export function createHall({ relay, clock, log }: HallDeps): Hall {
  const seats = new Set<Seat>()
  const visitors = new Visitors(() => relay.limits, clock)
  const work = createWork()
  let waiting: (() => void)[] = []

  const stopPinging = clock.every(PING, () => {
    for (const seat of seats) seat.pulse()
    visitors.sweep()
  })

  function leave(seat: Seat): void {
    seats.delete(seat)
    if (seats.size > 0) return
    const ready = waiting
    waiting = []
    for (const resolve of ready) resolve()
  }

  async function empty(): Promise<void> {
    if (seats.size > 0) await new Promise<void>((resolve) => waiting.push(resolve))
  }

  async function within(most: number, done: Promise<unknown>): Promise<void> {
    const late = new AbortController()
    const patience = clock.sleep(most, late.signal).catch(() => undefined)
    await Promise.race([done, patience])
    late.abort()
  }

  return {
    refusal: (remote) =>
      relay.refuses(remote) ? new Fault('unauthorized', 'This address may not come in.') : visitors.refusal(remote),
    enter(peer, remote) {
      const [connection, visit] = [relay.connect(peer, remote), visitors.enter(remote)]
      const seat = new Seat({ peer, remote, connection, visit, work, clock, log, leave })
      seats.add(seat)
      return seat
    },
    drain: (most) => within(most, empty()),
    async goodbye() {
      stopPinging()
      await within(LAST_WORK, work.end())
      for (const { peer } of seats) {
        // Whoever is not read from could not answer.
        peer.resume()
        peer.close(GOING_AWAY, 'the relay is going down')
      }
      await within(GOODBYE, empty())
      for (const { peer } of seats) peer.destroy()
      await empty()
    },
  }
}

/** The messages that were taken and are not answered yet. */
type Work = {
  /** Whether nothing more is taken. */
  isOver: boolean
  add(task: Promise<void>): void
  /** Takes nothing more; resolves when all is answered, and the answers are on their way. */
  end(): Promise<void>
}

function createWork(): Work {
  const tasks = new Set<Promise<void>>()
  return {
    isOver: false,
    add(task) {
      tasks.add(task)
      void task.then(() => tasks.delete(task))
    },
    async end() {
      this.isOver = true
      await Promise.all(tasks)
      // Answers leave at the end of the tick.
      await new Promise<void>((resolve) => setImmediate(resolve))
    },
  }
}

type SeatDeps = Pick<HallDeps, 'clock' | 'log'> & {
  peer: Peer
  remote: string
  connection: Connection
  visit: Visit
  work: Work
  leave: (seat: Seat) => void
}

/** Joins one WebSocket and the relay. */
class Seat implements Guest {
  readonly peer: Peer
  readonly #deps: SeatDeps
  readonly #since: number
  #messages = 0
  #alive = true

  constructor(deps: SeatDeps) {
    this.#deps = deps
    this.peer = deps.peer
    this.#since = deps.clock.millis()
  }

  text(message: string): void {
    const { connection, visit, work } = this.#deps
    if (work.isOver) return
    this.#messages += 1
    const rest = visit.spend(message.length)
    if (rest > 0) this.#rest(rest)
    work.add(connection.receive(message))
  }

  binary(): void {
    this.peer.close(UNSUPPORTED, 'text messages only')
  }

  pong(): void {
    this.#alive = true
  }

  drained(): void {
    this.#deps.connection.drained()
  }

  gone(code: number): void {
    const { connection, visit, remote, clock, log, leave } = this.#deps
    connection.gone()
    visit.leave()
    leave(this)
    log('connection.end', { remote, code, messages: this.#messages, ms: Math.round(clock.millis() - this.#since) })
  }

  /** Takes nothing more for so many milliseconds. */
  #rest(ms: number): void {
    const { connection, clock } = this.#deps
    void clock.sleep(ms).then(connection.hold())
  }

  /** Pings it, or ends it when it has not answered the ping before. */
  pulse(): void {
    if (this.#alive) this.peer.ping()
    else this.peer.destroy()
    this.#alive = false
  }
}
