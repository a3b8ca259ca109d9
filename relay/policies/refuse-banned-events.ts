import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** NIP-86: what an admin has taken out does not come back. */
export const refuseBannedEvents: Policy = ({ id }, { rules }) =>
  rules.list('banned-events').has(id) ? new Fault('conflict', 'this event is banned') : undefined
