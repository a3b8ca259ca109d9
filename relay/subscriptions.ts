import { type Filter, matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { slim } from './few.ts'
import { createLiveIndex } from './live-index.ts'
import type { Metrics } from './metrics.ts'
import { mayRead } from './read-rules.ts'
import type { Session } from './session.ts'

/** One REQ that is open. Until `release` it holds what is new, so that stored events come first. */
export type Subscription = {
  readonly id: string
  readonly filters: readonly Filter[]
  readonly session: Session
  /** Stored events up to this number are the scan's, newer ones come live: nothing is missed, nothing comes twice. */
  readonly upTo: number
  /** `false` as soon as it is closed or another REQ took its name. */
  isOpen(): boolean
  /** Sends what was held and from now on everything at once. */
  release(): void
  close(): void
}

type Opening = { id: string; filters: readonly Filter[]; session: Session; upTo: number }

/** Live filters. A subscriber sees each event at most once, however many filters match. */
export type Subscriptions = {
  /** Registers, holding; takes the place of the session's subscription of the same name. */
  open(opening: Opening): Subscription
  /**
   * Hands an event to every subscription that wants it and, asked at this moment, may read it.
   * `seq` is its number in the store, absent for ephemeral ones.
   */
  broadcast(event: NostrEvent, json: string, seq?: number): void
}

export type SubscriptionsDeps = {
  /** Bytes one subscription may hold back before its client is cut off. */
  maxHeld: () => number
  metrics: Pick<Metrics, 'add'>
}

export function createSubscriptions({ maxHeld, metrics }: SubscriptionsDeps): Subscriptions {
  const index = createLiveIndex<Live>()
  const shelter: Shelter = { maxHeld, leave: (live) => index.remove(live.filters, live) }

  return {
    open(opening) {
      opening.session.subscriptions.get(opening.id)?.close()
      const live = new Live(opening, shelter)
      index.add(live.filters, live)
      opening.session.subscriptions.set(opening.id, live)
      return live
    },
    broadcast(event, json, seq = Number.POSITIVE_INFINITY) {
      const rest = `${json}]`
      const mayHear = listeners(event)
      let delivered = 0
      let [head, text] = ['', rest]
      index.visit(event, (live) => {
        if (!live.wants(event, seq) || !mayHear(live.session)) return
        if (live.head !== head) {
          head = live.head
          text = head + rest
        }
        live.offer(text)
        delivered += 1
      })
      if (delivered > 0) metrics.add('nostr_relay_messages_total', 'EVENT', delivered)
    },
  }
}

/** Who may read an event at this moment. Whoever has no key is like everybody else without one, and asked for once. */
function listeners(event: NostrEvent): (session: Session) => boolean {
  let strangers: boolean | undefined
  return (session) => {
    if (session.keys.size > 0) return mayRead(event, session.reader())
    strangers ??= mayRead(event, session.reader())
    return strangers
  }
}

/** What a subscription needs of those it stands among. */
type Shelter = { readonly maxHeld: () => number; readonly leave: (live: Live) => void }

class Live implements Subscription {
  readonly id: string
  readonly filters: readonly Filter[]
  readonly session: Session
  readonly upTo: number
  /** What stands before the event in every message of this subscription. */
  readonly head: string
  /** The live index's own. */
  stamp = 0
  readonly #shelter: Shelter
  #open = true
  #held: string[] | undefined = []
  #bytes = 0

  constructor({ id, filters, session, upTo }: Opening, shelter: Shelter) {
    this.id = id
    this.filters = filters.map(slim)
    this.session = session
    this.upTo = upTo
    this.head = `["EVENT",${JSON.stringify(id)},`
    this.#shelter = shelter
  }

  isOpen(): boolean {
    return this.#open
  }

  wants(event: NostrEvent, seq: number): boolean {
    return seq > this.upTo && this.#matches(event)
  }

  offer(message: string): void {
    if (this.#held) this.#hold(this.#held, message)
    else this.session.send(message)
  }

  release(): void {
    const waiting = this.#held ?? []
    this.#held = undefined
    for (const message of waiting) this.session.send(message)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#held = undefined
    this.session.subscriptions.delete(this.id)
    this.#shelter.leave(this)
  }

  #hold(queue: string[], message: string): void {
    queue.push(message)
    this.#bytes += message.length
    if (this.#bytes > this.#shelter.maxHeld()) this.session.cut('a subscription holds more than its client reads')
  }

  #matches(event: NostrEvent): boolean {
    for (const filter of this.filters) if (matches(filter, event)) return true
    return false
  }
}
