import { Fault } from '#nips/kit/fault'
import { isGroupAction } from '#nips/nip29'
import { groupIn } from '../groups/group.ts'
import type { Policy } from './policy.ts'

/** NIP-29: in a restricted group members write, and so they do in a closed one, which keeps strangers out anyway. */
export const requireMemberToPost: Policy = (event, { groups }) => {
  const group = groupIn(groups.book, event)
  if (group === undefined || isGroupAction(event.kind) || group.members.has(event.pubkey)) return undefined
  const { flags } = group.metadata
  return flags.has('restricted') || flags.has('closed')
    ? new Fault('unauthorized', 'only members write to this group')
    : undefined
}
