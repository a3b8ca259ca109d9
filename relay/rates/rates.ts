import type { Filter } from '#nips/filter'
import { Fault } from '#nips/kit/fault'
import { networkOf } from '../address.ts'
import { createBuckets } from './buckets.ts'
import { type Asking, costOf } from './cost.ts'
import type { Networks } from './networks.ts'

/** Per minute; 0 is no limit. */
export type RateLimits = {
  /** Addresses that may do everything as often as they like. */
  readonly trusts: Networks
  /** Events and sign-ins of one address. */
  readonly eventsPerIp: number
  /** What the requests of one address cost (cost.ts). */
  readonly requestsPerIp: number
  /** Events of one key. */
  readonly eventsPerKey: number
}

/** How often one address and one key may do something. */
export type Rates = {
  /** Counts an event or a sign-in before anything about it is checked. Throws `rate-limited`. */
  event(remote: string): void
  /** Counts a request. Throws `rate-limited`. */
  request(remote: string, verb: Asking, filters: readonly Filter[]): void
  /** What stands against one more event of this key, whose signature is right. */
  refuseKey(pubkey: string, remote: string): Fault | undefined
  /** Counts an event of this key that was new: what others send again is not held against it. */
  published(pubkey: string, remote: string): void
}

/** Addresses, and keys, that are remembered: about 100 bytes each. */
const MOST = 100_000

export function createRates(millis: () => number, limits: () => RateLimits): Rates {
  const events = createBuckets(millis, MOST)
  const requests = createBuckets(millis, MOST)
  const keys = createBuckets(millis, MOST)

  return {
    event(remote) {
      const { trusts, eventsPerIp } = limits()
      if (trusts(remote)) return
      const network = networkOf(remote)
      if (!events.has(network, 1, eventsPerIp)) throw new Fault('rate-limited', 'too many events from your address')
      events.spend(network, 1, eventsPerIp)
    },
    request(remote, verb, filters) {
      const { trusts, requestsPerIp } = limits()
      if (trusts(remote)) return
      const [network, cost] = [networkOf(remote), costOf(verb, filters)]
      if (!requests.has(network, cost, requestsPerIp))
        throw new Fault('rate-limited', 'too many requests from your address')
      requests.spend(network, cost, requestsPerIp)
    },
    refuseKey(pubkey, remote) {
      const { trusts, eventsPerKey } = limits()
      return trusts(remote) || keys.has(pubkey, 1, eventsPerKey)
        ? undefined
        : new Fault('rate-limited', 'too many events of this key')
    },
    published(pubkey, remote) {
      const { trusts, eventsPerKey } = limits()
      if (!trusts(remote)) keys.spend(pubkey, 1, eventsPerKey)
    },
  }
}
