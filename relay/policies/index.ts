import type { Limits } from '../limits.ts'
import { askThePlugin } from './ask-the-plugin.ts'
import { limitGroupsOfOneKey } from './limit-groups-of-one-key.ts'
import { limitKeyRate } from './limit-key-rate.ts'
import { limitSize } from './limit-size.ts'
import { limitStorage } from './limit-storage.ts'
import { limitTags } from './limit-tags.ts'
import type { Policy } from './policy.ts'
import { refuseBannedEvents } from './refuse-banned-events.ts'
import { refuseBannedKeys } from './refuse-banned-keys.ts'
import { refuseBlockedAddresses } from './refuse-blocked-addresses.ts'
import { refuseExpired } from './refuse-expired.ts'
import { refuseFarFuture } from './refuse-far-future.ts'
import { refuseFarPast } from './refuse-far-past.ts'
import { refuseKindsOfNoUseHere } from './refuse-kinds-of-no-use-here.ts'
import { refuseKindsTheGroupDoesNotTake } from './refuse-kinds-the-group-does-not-take.ts'
import { refuseLateGroupPosts } from './refuse-late-group-posts.ts'
import { refuseRepostOfProtected } from './refuse-repost-of-protected.ts'
import { refuseStrangeTimeline } from './refuse-strange-timeline.ts'
import { refuseWhatWasTakenOut } from './refuse-what-was-taken-out.ts'
import { requireAuthorForProtected } from './require-author-for-protected.ts'
import { requireDiskRoom } from './require-disk-room.ts'
import { requireIdsInTags } from './require-ids-in-tags.ts'
import { requireKnownGroup } from './require-known-group.ts'
import { requireMember } from './require-member.ts'
import { requireMemberToPost } from './require-member-to-post.ts'
import { requireOurNameToVanish } from './require-our-name-to-vanish.ts'
import { requireRightToModerate } from './require-right-to-moderate.ts'
import { requireWork } from './require-work.ts'
import { requireWriter } from './require-writer.ts'

export type { Judging } from './policy.ts'

type Row = { readonly refuse: Policy; readonly nip?: number; readonly isOn?: (limits: Limits) => boolean }

/** The order is the policy: the first refusal is the answer. `nip` is announced in NIP-11 where it is on. */
export const policies: readonly Row[] = [
  { refuse: refuseBlockedAddresses, nip: 86 },
  { refuse: refuseBannedKeys, nip: 86 },
  { refuse: refuseBannedEvents, nip: 86 },
  { refuse: refuseKindsOfNoUseHere, nip: 86 },
  { refuse: requireMember, nip: 43, isOn: ({ membersOnly }) => membersOnly },
  { refuse: limitSize },
  { refuse: limitTags },
  { refuse: requireIdsInTags },
  { refuse: refuseFarFuture, nip: 22 },
  { refuse: refuseFarPast, nip: 22 },
  { refuse: refuseExpired, nip: 40 },
  { refuse: requireAuthorForProtected, nip: 70 },
  { refuse: refuseRepostOfProtected, nip: 70 },
  { refuse: requireOurNameToVanish, nip: 62 },
  { refuse: requireWriter },
  { refuse: limitKeyRate },
  { refuse: requireWork, nip: 13 },
  { refuse: limitStorage },
  { refuse: requireDiskRoom },
  { refuse: requireKnownGroup, nip: 29 },
  { refuse: requireMemberToPost, nip: 29 },
  { refuse: refuseKindsTheGroupDoesNotTake, nip: 29 },
  { refuse: refuseLateGroupPosts, nip: 29 },
  { refuse: refuseWhatWasTakenOut, nip: 29 },
  { refuse: refuseStrangeTimeline, nip: 29 },
  { refuse: requireRightToModerate, nip: 29 },
  { refuse: limitGroupsOfOneKey, nip: 29 },
  { refuse: askThePlugin },
]
