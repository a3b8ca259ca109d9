import type { Limits } from './limits.ts'
import { policies } from './policies/index.ts'
import { storeNips } from './store/store.ts'
import { verbs } from './verbs/index.ts'
import type { Verb } from './verbs/verb.ts'

export type About = {
  name: string
  version: string
  /** The relay's own public key. */
  self: string
  /** Who runs it; absent when the relay does not know. */
  operator?: string | undefined
  /** What else the operator wants to say; what is empty is left out. */
  more?: Texts
}

type Texts = {
  readonly [K in 'description' | 'contact' | 'icon' | 'banner' | 'privacy_policy' | 'terms_of_service']?: string
}

const said = (more: Texts): Texts => Object.fromEntries(Object.entries(more).filter(([, text]) => text !== ''))

/** NIP-11: what this relay is and does. The numbers are the ones it enforces, the NIPs the ones its parts name. */
export const relayInfo = ({ name, version, self, operator, more = {} }: About, limits: Limits) => ({
  name,
  ...said(more),
  ...(operator === undefined ? {} : { pubkey: operator }),
  self,
  supported_nips: supportedNips(limits),
  nip29: { subgroups: true },
  ...(limits.maxSyncEvents === 0 ? {} : { negentropy: 1 }),
  software: 'openagents',
  version,
  limitation: {
    max_message_length: limits.maxMessageLength,
    max_subscriptions: limits.maxSubscriptions,
    max_filters: limits.message.maxFilters,
    max_limit: limits.message.maxLimit,
    default_limit: limits.message.maxLimit,
    max_subid_length: limits.message.maxSubscriptionId,
    max_event_tags: limits.maxTags,
    max_content_length: limits.maxMessageLength,
    created_at_upper_limit: limits.maxFuture,
    ...(Number.isFinite(limits.maxAge) ? { created_at_lower_limit: limits.maxAge } : {}),
    min_pow_difficulty: limits.minPow,
    auth_required: limits.membersOnly,
    payment_required: false,
    restricted_writes: true,
  },
})
export type RelayInfo = ReturnType<typeof relayInfo>

/** This document is NIP-11 itself. */
const OWN = 11
/** Their events need nothing of a relay but what NIP-01 asks (02, 28, 56, 65), or are for their parties only (04, 17, 59). */
const kindNips = [2, 4, 17, 28, 56, 59, 65]

const supportedNips = (limits: Limits): number[] =>
  [
    ...new Set([
      OWN,
      ...kindNips,
      ...storeNips,
      ...Object.values(verbs as Record<string, Verb>).flatMap(({ nip, isOn }) => (isOn?.(limits) === false ? [] : nip)),
      ...policies.flatMap(({ nip, isOn }) => (isOn?.(limits) === false ? [] : (nip ?? []))),
    ]),
  ].sort((a, b) => a - b)
