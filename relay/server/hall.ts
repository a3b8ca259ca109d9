import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Connection } from '../connection.ts'
import type { Socket } from '../outbox.ts'
import type { Relay } from '../relay.ts'
import { type Visitor, Visitors } from './visitors.ts'
import { createWork, type Work } from './work.ts'

/** One WebSocket, as its server offers it. */
export type Peer = Socket & {
  ping(): void
  close(code: number, reason: string): void
}

/** What a server tells of one WebSocket. */
export type Guest = {
  text(message: string): void
  binary(): void
  /** A ping, which the server answers by itself. */
  ping(): void
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
/** Bytes that a ping counts for, whatever it holds. */
const PING_COST = 256
const GOING_AWAY = 1001
const UNSUPPORTED = 1003

export type HallDeps = { relay: Pick<Relay, 'connect' | 'limits' | 'refuses'>; clock: Clock; log: Log }

export function createHall(deps: HallDeps): Hall {
  const { relay, clock } = deps
  const seats = new Set<Seat>()
  const visitors = new Visitors(() => relay.limits, clock)
  const work = createWork()
  let waiting: (() => void)[] = []
  const room: Room = { ...deps, visitors, work, leave }

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
      const seat = new Seat(room, peer, remote)
      seats.add(seat)
      return seat
    },
    drain: (most) => within(most, empty()),
    async goodbye() {
      stopPinging()
      await within(LAST_WORK, work.end())
      await within(GOODBYE, Promise.all([...seats].map((seat) => seat.hearsAll())))
      for (const { peer } of seats) peer.close(GOING_AWAY, 'the relay is going down')
      await within(GOODBYE, empty())
      for (const { peer } of seats) peer.destroy()
      await empty()
    },
  }
}

/** What all seats share. */
type Room = HallDeps & { readonly visitors: Visitors; readonly work: Work; readonly leave: (seat: Seat) => void }

/** Joins one WebSocket and the relay. */
class Seat implements Guest {
  readonly peer: Peer
  readonly #remote: string
  readonly #room: Room
  readonly #connection: Connection
  readonly #visitor: Visitor
  readonly #since: number
  #messages = 0
  #alive = true
  #onPong: (() => void) | undefined

  constructor(room: Room, peer: Peer, remote: string) {
    this.peer = peer
    this.#remote = remote
    this.#room = room
    this.#connection = room.relay.connect(peer, remote)
    this.#visitor = room.visitors.enter(remote)
    this.#since = room.clock.millis()
  }

  text(message: string): void {
    if (this.#room.work.isOver) return
    this.#messages += 1
    const rest = this.#room.visitors.spend(this.#visitor, message.length)
    if (rest > 0) this.#rest(rest)
    this.#room.work.add(this.#connection.receive(message))
  }

  binary(): void {
    this.peer.close(UNSUPPORTED, 'text messages only')
  }

  ping(): void {
    const rest = this.#room.visitors.spend(this.#visitor, PING_COST)
    if (rest > 0) this.#rest(rest)
    this.#connection.sentBesides()
  }

  pong(): void {
    this.#alive = true
    this.#onPong?.()
  }

  /**
   * Resolves when the client has got everything it was sent, or has gone: it answers a ping that comes behind all of it.
   * A socket that is closed while its client still sends may take back what the client has not read.
   */
  hearsAll(): Promise<void> {
    // Whoever is not read from could not answer.
    this.peer.resume()
    this.peer.ping()
    return new Promise((resolve) => {
      this.#onPong = resolve
    })
  }

  drained(): void {
    this.#connection.drained()
  }

  gone(code: number): void {
    const { visitors, leave, log, clock } = this.#room
    this.#connection.gone()
    visitors.leave(this.#visitor)
    this.#onPong?.()
    leave(this)
    const ms = Math.round(clock.millis() - this.#since)
    log('connection.end', { remote: this.#remote, code, messages: this.#messages, ms })
  }

  /** Pings it, or ends it when it has not answered the ping before. */
  pulse(): void {
    if (this.#alive) this.peer.ping()
    else this.peer.destroy()
    this.#alive = false
  }

  /** Takes nothing more for so many milliseconds. */
  #rest(ms: number): void {
    this.#connection.hold()
    void this.#room.clock.sleep(ms).then(() => this.#connection.letGo())
  }
}
