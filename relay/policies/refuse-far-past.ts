import { storageOf } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** NIP-22: how old an event may be when it comes, where the operator has set a limit. */
export const refuseFarPast: Policy = ({ created_at, kind }, { now, limits }) => {
  if (created_at < now - limits.maxAge) return new Fault('invalid', 'created_at too early')
  return storageOf(kind) === 'ephemeral' && created_at < now - limits.maxEphemeralAge
    ? new Fault('invalid', 'ephemeral event expired')
    : undefined
}
