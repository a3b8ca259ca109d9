import { isHex } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { REFERENCE, timelineReferences } from '#nips/nip29'
import { groupIn } from '../groups/group.ts'
import type { Policy } from './policy.ts'

/**
 * NIP-29: an event that says what its author saw before it has to have been written for this relay. One known
 * reference is enough, since the others may have been deleted since.
 */
export const refuseStrangeTimeline: Policy = (event, { groups }) => {
  const references = timelineReferences(event)
  const group = references.length === 0 ? undefined : groupIn(groups.book, event)
  if (group === undefined) return undefined
  if (!references.every((reference) => isHex(reference, REFERENCE)))
    return new Fault('invalid', `"previous" has the first ${REFERENCE} characters of ids`)
  return groups
    .hasSeen(group.id, references)
    .then((isKnown) =>
      isKnown ? undefined : new Fault('invalid', '"previous" names nothing this group has seen lately'),
    )
}
