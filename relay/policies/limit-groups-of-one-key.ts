import { Fault } from '#nips/kit/fault'
import { groupKind } from '#nips/nip29'
import type { Judging, Policy } from './policy.ts'

/** Who may create groups, and how many: whoever runs the relay as many as they like. */
export const limitGroupsOfOneKey: Policy = ({ kind, pubkey }, judging) => {
  if (kind !== groupKind.createGroup || judging.isAdmin(pubkey)) return undefined
  const { creators, perKey } = judging.limits.groups
  if (creators === 'admins') return new Fault('unauthorized', 'groups are created by the admins of this relay')
  const own = ownedBy(pubkey, judging)
  return own >= perKey ? new Fault('rate-limited', `one key has ${perKey} groups at most`) : undefined
}

function ownedBy(pubkey: string, { groups }: Judging): number {
  let count = 0
  for (const { creator } of groups.book.groups.values()) if (creator === pubkey) count += 1
  return count
}
