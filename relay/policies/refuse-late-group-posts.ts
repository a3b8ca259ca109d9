import { Fault } from '#nips/kit/fault'
import { groupIn } from '../groups/group.ts'
import type { Policy } from './policy.ts'

/** NIP-29: nobody writes today what a group seems to have read long ago. */
export const refuseLateGroupPosts: Policy = (event, { groups, now, limits }) =>
  groupIn(groups.book, event) && event.created_at < now - limits.groups.maxAge
    ? new Fault('invalid', 'created_at too early for a group')
    : undefined
