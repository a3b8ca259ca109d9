import { tagValues } from '#nips/event'
import { Fault } from '#nips/kit/fault'
import { groupKind } from '#nips/nip29'
import { groupIn } from '../groups/group.ts'
import { knows } from '../groups/record.ts'
import type { Policy } from './policy.ts'

/** NIP-29: what is written to a group is written to one that is here, and for strangers a hidden one is not. */
export const requireKnownGroup: Policy = (event, { groups }) => {
  const named = tagValues(event, 'h')
  if (named.length === 0) return undefined
  if (named.length > 1) return new Fault('invalid', 'an event belongs to one group: exactly one "h" tag')
  if (event.kind === groupKind.createGroup) return undefined
  const group = groupIn(groups.book, event)
  return group && knows(group, event, groups.book.self) ? undefined : new Fault('not-found', 'no such group')
}
