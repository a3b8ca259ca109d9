import { kind } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import { isGroupAction } from '#nips/nip29'
import { groupIn } from '../groups/group.ts'
import type { Policy } from './policy.ts'

/** NIP-29: a group may name the kinds it supports. Deletions and what changes the group are always taken. */
export const refuseKindsTheGroupDoesNotTake: Policy = (event, { groups }) => {
  const supported = groupIn(groups.book, event)?.metadata.kinds
  if (supported === undefined || isGroupAction(event.kind) || event.kind === kind.deletion) return undefined
  return supported.includes(event.kind)
    ? undefined
    : new Fault('conflict', `the group does not take kind ${event.kind}`)
}
