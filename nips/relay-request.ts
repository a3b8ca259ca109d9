import type { SignedEvent } from './event.ts'
import { type Filter, parseFilter } from './filter.ts'
import type { NostrEvent } from './keys.ts'
import type { Fault } from './kit/fault.ts'

/** A filter as it is sent, NIP-01's JSON. */
type WireFilter = { readonly [key: string]: readonly (string | number)[] | number }

/** What somebody wants to hear of a relay. */
export type Ask = {
  /** Filters, or what makes them anew for every REQ: a `since` that moves with the clock. */
  filters: readonly WireFilter[] | (() => readonly WireFilter[])
  /** Kinds that only their parties may read: asked after signing in, not to be refused before. */
  private?: boolean
  /** Ends when everything stored was sent. */
  once?: boolean
  /** A verified event that matches the filters; `live` when it came after the stored ones. */
  onEvent(event: SignedEvent, live: boolean): void
  /** Everything stored was sent. Comes again after every reconnection. */
  onStored?(): void
  /**
   * Nothing comes any more: `unauthorized` in the words of the relay that refuses it for good, or `unavailable`
   * because the link was closed.
   */
  onEnd?(fault: Fault): void
}

/**
 * A REQ or an EVENT on the connection that stands: `due` goes out when it may, `delayed` after a pause, `locked` once
 * we have signed in.
 */
export type Request = { stage: 'due' | 'sent' | 'stored' | 'delayed' | 'locked'; refusals: number }
export type Subscription = Request & { readonly ask: Ask; filters: Filter[] }
export type Publication = Request & {
  readonly event: NostrEvent
  readonly isStale: () => boolean
  readonly ended: Promise<void>
  readonly settle: (fault?: Fault) => void
}

export const fresh: Readonly<Request> = { stage: 'due', refusals: 0 }

/** What an ask asks for at this moment: as it is sent, and as it is matched. Malformed filters throw `invalid`. */
export function readAsk({ filters }: Ask): { wire: readonly WireFilter[]; filters: Filter[] } {
  const wire = typeof filters === 'function' ? filters() : filters
  return { wire, filters: wire.map((filter) => parseFilter(filter)) }
}

/** Milliseconds between a refusal that may pass and the next try: the first, then twice as long each time, at most the last. */
const FIRST_PAUSE = 1000
const LAST_PAUSE = 30_000
/** How often a relay that has accepted our key may still ask for one. */
const MAX_LOCKED_OUT = 3

/**
 * What follows from a relay's refusal (NIP-01's prefixes): the request ends, it stays locked until we have signed in,
 * or it goes out again after so many milliseconds. `key` says what the relay knows of ours.
 */
export function afterRefusal(
  reason: string,
  { refusals, key }: { refusals: number; key: 'none' | 'unknown' | 'known' },
): 'ends' | 'locked' | number {
  const pause = Math.min(LAST_PAUSE, FIRST_PAUSE * 2 ** (refusals - 1))
  if (/^(?:error|rate-limited)\b/.test(reason)) return pause
  if (key === 'none' || !/^(?:ERROR: )?auth-required\b/.test(reason)) return 'ends'
  if (key === 'unknown') return 'locked'
  return refusals > MAX_LOCKED_OUT ? 'ends' : pause
}
