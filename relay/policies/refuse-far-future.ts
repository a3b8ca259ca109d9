import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** A date far ahead would keep an event on top of every answer. */
export const refuseFarFuture: Policy = ({ created_at }, { now, limits }) =>
  created_at > now + limits.maxFuture ? new Fault('invalid', 'created_at too late') : undefined
