import { type Filter, matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { createLiveIndex } from './live-index.ts'
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
  readonly isOpen: () => boolean
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

type Live = Subscription & { offer(json: string): void }

/** `maxHeld`: bytes one subscription may hold back before its client is cut off. */
export function createSubscriptions(maxHeld: number): Subscriptions {
  const index = createLiveIndex<Live>()

  return {
    open(opening) {
      opening.session.subscriptions.get(opening.id)?.close()
      const live = createLive(opening, maxHeld, () => index.remove(opening.filters, live))
      index.add(opening.filters, live)
      opening.session.subscriptions.set(opening.id, live)
      return live
    },
    broadcast(event, json, seq = Number.POSITIVE_INFINITY) {
      for (const live of index.candidates(event)) {
        const wanted = seq > live.upTo && live.filters.some((filter) => matches(filter, event))
        if (wanted && mayRead(event, live.session.reader())) live.offer(json)
      }
    },
  }
}

function createLive(opening: Opening, maxHeld: number, onClose: () => void): Live {
  const { id, session } = opening
  let open = true
  let held: string[] | undefined = []
  let bytes = 0

  function hold(queue: string[], json: string): void {
    queue.push(json)
    bytes += json.length
    if (bytes > maxHeld) session.cut('a subscription holds more than its client reads')
  }

  return {
    ...opening,
    isOpen: () => open,
    offer: (json) => (held ? hold(held, json) : session.deliver(id, json)),
    release() {
      const waiting = held ?? []
      held = undefined
      for (const json of waiting) session.deliver(id, json)
    },
    close() {
      if (!open) return
      open = false
      held = undefined
      session.subscriptions.delete(id)
      onClose()
    },
  }
}
