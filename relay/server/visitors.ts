import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Limits } from '../limits.ts'
import { visitorOf } from './network.ts'

/** Seconds' worth of bytes that a visitor may send at once before it has to go slower. */
const BURST = 4

/** One address, or one customer's network: how many connections it has, and how many bytes it may send now. */
export type Visitor = { connections: number; budget: number; at: number }

/** This machine itself: neither its connections nor its bytes are counted. */
const nobody: Visitor = { connections: 0, budget: 0, at: 0 }

/** Everybody who is connected, by where they come from. This machine itself is not counted among the addresses. */
export class Visitors {
  readonly #limits: () => Pick<Limits, 'maxConnections' | 'maxConnectionsPerIp' | 'maxBytesPerSecond'>
  readonly #clock: Pick<Clock, 'millis'>
  readonly #visitors = new Map<string, Visitor>()
  #connections = 0

  constructor(limits: () => Limits, clock: Pick<Clock, 'millis'>) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Why nobody else may come from there now. */
  refusal(address: string): Fault | undefined {
    const { maxConnections, maxConnectionsPerIp } = this.#limits()
    if (this.#connections >= maxConnections) return new Fault('unavailable', 'The relay is full. Try again later.')
    const network = visitorOf(address)
    const visitor = network === undefined ? undefined : this.#visitors.get(network)
    if (visitor === undefined || visitor.connections < maxConnectionsPerIp) return undefined
    return new Fault('rate-limited', 'Too many connections from your address.')
  }

  /** One more connection from there. */
  enter(address: string): Visitor {
    const visitor = this.#visitorAt(address)
    this.#connections += 1
    visitor.connections += 1
    return visitor
  }

  leave(visitor: Visitor): void {
    this.#connections -= 1
    visitor.connections -= 1
  }

  /** Counts what came, and says for how many milliseconds nothing more should be taken. */
  spend(visitor: Visitor, bytes: number): number {
    if (visitor === nobody) return 0
    this.#refill(visitor)
    visitor.budget -= bytes
    return visitor.budget >= 0 ? 0 : Math.ceil((-visitor.budget / this.#limits().maxBytesPerSecond) * 1000)
  }

  /** Forgets who has left and owes nothing. */
  sweep(): void {
    const full = BURST * this.#limits().maxBytesPerSecond
    for (const [network, visitor] of this.#visitors) {
      this.#refill(visitor)
      if (visitor.connections === 0 && visitor.budget >= full) this.#visitors.delete(network)
    }
  }

  #refill(visitor: Visitor): void {
    const { maxBytesPerSecond } = this.#limits()
    const now = this.#clock.millis()
    const earned = ((now - visitor.at) / 1000) * maxBytesPerSecond
    visitor.budget = Math.min(visitor.budget + earned, BURST * maxBytesPerSecond)
    visitor.at = now
  }

  #visitorAt(address: string): Visitor {
    const network = visitorOf(address)
    if (network === undefined) return nobody
    const known = this.#visitors.get(network)
    if (known) return known
    const budget = BURST * this.#limits().maxBytesPerSecond
    const visitor: Visitor = { connections: 0, budget, at: this.#clock.millis() }
    this.#visitors.set(network, visitor)
    return visitor
  }
}
