import { Fault } from '#nips/kit/fault'
import { groupKind, isGroupAction, namedUsers } from '#nips/nip29'
import { groupIn } from '../groups/group.ts'
import { refuseAction } from '../groups/record.ts'
import type { Policy } from './policy.ts'

/** NIP-29: who may do what to a group is the table of actions; the relay's own word comes from nobody else. */
export const requireRightToModerate: Policy = (event, { groups, limits }) => {
  if (!isGroupAction(event.kind)) return undefined
  if (event.pubkey === groups.book.self) return new Fault('unauthorized', 'the relay says this itself')
  const fault = refuseAction(event, groups.book)
  if (fault) return fault
  const adds = event.kind === groupKind.putUser ? namedUsers(event).length : event.kind === groupKind.join ? 1 : 0
  const members = groupIn(groups.book, event)?.members.size ?? 0
  return adds > 0 && members + adds > limits.groups.members ? new Fault('too-large', 'the group is full') : undefined
}
