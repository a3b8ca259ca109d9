import { Fault } from '#nips/kit/fault'
import { groupIn } from '../groups/group.ts'
import type { Policy } from './policy.ts'

/** NIP-29: what a moderator took out of a group does not come back into it. */
export const refuseWhatWasTakenOut: Policy = (event, { groups }) =>
  groupIn(groups.book, event)?.deleted.has(event.id)
    ? new Fault('conflict', 'this event was deleted by a moderator')
    : undefined
