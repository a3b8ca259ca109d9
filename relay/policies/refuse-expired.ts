import { expiration } from '#nips/event'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** NIP-40: what has expired is not taken any more; an expiration that is no date is refused. */
export const refuseExpired: Policy = (event, { now }) =>
  (expiration(event) ?? Number.POSITIVE_INFINITY) <= now ? new Fault('invalid', 'event expired') : undefined
