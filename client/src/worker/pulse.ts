import type { Discovery } from '#nips/discovery'
import type { SignedEvent } from '#nips/event'
import type { Clock } from '#nips/kit/clock'
import { decodeHeartbeat, HEARTBEAT, type Health } from '#nips/service'
import type { ServiceView } from '../model.ts'

/** Seconds without a heartbeat after which the service counts as silent. */
export const SILENCE = 2 * HEARTBEAT + 10

/** Whether the service is there, and what it runs. */
export class Pulse {
  readonly #clock: Clock
  readonly #facts: Pick<ServiceView, 'pubkey' | 'relay' | 'version' | 'maxChatText'>
  readonly #show: (service: ServiceView) => void
  #health: Health | undefined
  #newest = 0
  #heard = 0
  #connectedAt: number | undefined

  constructor(discovery: Discovery, clock: Clock, show: (service: ServiceView) => void) {
    const { service, relay, version, limits } = discovery
    this.#facts = { pubkey: service, relay, version, maxChatText: limits.maxChatText }
    this.#clock = clock
    this.#show = show
  }

  /** A heartbeat, 11998. */
  take(event: SignedEvent): void {
    if (event.created_at < this.#newest) return
    try {
      this.#health = decodeHeartbeat(event)
      this.#newest = event.created_at
      this.#heard = Math.min(this.#clock.now(), event.created_at)
      this.look()
    } catch {
      // A heartbeat of another version is no sign of ours.
    }
  }

  /** Silence counts only while there is a link over which a heartbeat could come. */
  linked(connected: boolean): void {
    this.#connectedAt = connected ? (this.#connectedAt ?? this.#clock.now()) : undefined
    this.look()
  }

  /** Looks at the clock. */
  look(): void {
    const health = this.#health === undefined ? {} : { health: this.#health }
    this.#show({ state: this.#state(), ...this.#facts, ...health })
  }

  #state(): ServiceView['state'] {
    const now = this.#clock.now()
    if (now - this.#heard <= SILENCE) return 'alive'
    return this.#connectedAt !== undefined && now - this.#connectedAt > GRACE ? 'silent' : 'unknown'
  }
}

/** Seconds after connecting in which the first heartbeat may come. */
const GRACE = 5
