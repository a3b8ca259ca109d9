import type { Values } from '#nips/kit/settings'
import type { MessageLimits } from '#nips/message'
import { networksOf } from './rates/networks.ts'
import type { RateLimits } from './rates/rates.ts'
import type { settings } from './settings.ts'
import type { FilterRules } from './verbs/servable.ts'

/** What one client may send and ask for. NIP-11 announces the same numbers that are enforced. */
export type Limits = {
  readonly message: MessageLimits
  /** Bytes of one message. */
  readonly maxMessageLength: number
  /** Levels of nesting in one message; an EVENT needs four. */
  readonly maxDepth: number
  /** Open subscriptions of one connection. */
  readonly maxSubscriptions: number
  /** Events one COUNT counts; 0: it is not answered. */
  readonly maxCount: number
  /** Events one NEG-OPEN compares; 0: it is not answered. */
  readonly maxSyncEvents: number
  readonly filterRules: FilterRules
  readonly rates: RateLimits
  /** Bytes one key may store; 0: no limit. */
  readonly quota: number
  /** Zero bits an event of a stranger has to have (NIP-13). */
  readonly minPow: number
  /** Keys signed in on one connection. */
  readonly maxKeys: number
  /** Tags of one event. */
  readonly maxTags: number
  /** Bytes of one tag value. */
  readonly maxTagValue: number
  /** Seconds an event may be ahead of the clock. */
  readonly maxFuture: number
  /** Seconds an event may be behind the clock; endless where no age is too old. */
  readonly maxAge: number
  /** The same for ephemeral events. */
  readonly maxEphemeralAge: number
  /** Bytes of one event's text. */
  readonly maxEventSize: number
  /** Bytes waiting for one client before it is cut off. */
  readonly maxPending: number
  /** Open connections, of all together and of one address. */
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  /** Bytes that one address may send in a second, on the average of a few. */
  readonly maxBytesPerSecond: number
  /** Whether only members write and read (NIP-43). */
  readonly membersOnly: boolean
  /** Groups (NIP-29): who creates them, how many of one key, members of one, seconds a post may be old. */
  readonly groups: {
    readonly creators: 'anyone' | 'admins'
    readonly perKey: number
    readonly members: number
    readonly maxAge: number
  }
}

export const limitsOf = (values: Values<typeof settings>): Limits => ({
  message: {
    maxFilters: values.maxFilters,
    maxSubscriptionId: 64,
    maxValues: values.maxFilterValues,
    maxTags: values.maxFilterTags,
    maxLimit: values.maxLimit,
  },
  maxMessageLength: values.maxMessageLength,
  maxDepth: 8,
  maxSubscriptions: values.maxSubscriptions,
  maxCount: values.maxCount,
  maxSyncEvents: values.maxSyncEvents,
  filterRules: {
    isOn: values.filterValidation,
    maxFilters: values.filterMaxFilters,
    minFilters: values.filterMinFilters,
    maxKinds: values.filterMaxKinds,
    kinds: new Set(values.filterKinds),
    needsAuthorOrTag: values.filterAuthorOrTag,
  },
  rates: {
    trusts: networksOf(values.trustedIps),
    eventsPerIp: values.eventsPerIp,
    requestsPerIp: values.requestsPerIp,
    eventsPerKey: values.eventsPerKey,
  },
  quota: values.quota,
  minPow: values.minPow,
  maxKeys: 32,
  maxTags: values.maxTags,
  maxTagValue: values.maxTagValue,
  maxFuture: values.maxFuture,
  maxAge: values.maxAge || Number.POSITIVE_INFINITY,
  maxEphemeralAge: values.maxEphemeralAge || Number.POSITIVE_INFINITY,
  maxEventSize: values.maxEventSize,
  maxPending: values.maxPending,
  maxConnections: values.maxConnections,
  maxConnectionsPerIp: values.maxConnectionsPerIp,
  maxBytesPerSecond: values.maxBytesPerSecond,
  membersOnly: values.access === 'members',
  groups: {
    creators: values.groupCreators,
    perKey: values.groupsPerKey,
    members: values.groupMembers,
    maxAge: values.groupMaxAge,
  },
})

/** The limits as the settings have them whenever they are asked, worked out once for each set of values. */
export function limitsBy(values: () => Values<typeof settings>): () => Limits {
  let of = values()
  let limits = limitsOf(of)
  return () => {
    if (values() !== of) {
      of = values()
      limits = limitsOf(of)
    }
    return limits
  }
}
