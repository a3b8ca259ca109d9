import { askThePlugin } from './ask-the-plugin.ts'
import { limitSize } from './limit-size.ts'
import { limitTags } from './limit-tags.ts'
import type { Policy } from './policy.ts'
import { refuseExpired } from './refuse-expired.ts'
import { refuseFarFuture } from './refuse-far-future.ts'
import { refuseFarPast } from './refuse-far-past.ts'
import { refuseRepostOfProtected } from './refuse-repost-of-protected.ts'
import { requireAuthorForProtected } from './require-author-for-protected.ts'
import { requireOurNameToVanish } from './require-our-name-to-vanish.ts'
import { requireWriter } from './require-writer.ts'

export type { Judging } from './policy.ts'

/** The order is the policy: the first refusal is the answer. `nip` is announced in NIP-11. */
export const policies: readonly { readonly nip?: number; readonly refuse: Policy }[] = [
  { refuse: limitSize },
  { refuse: limitTags },
  { refuse: refuseFarFuture, nip: 22 },
  { refuse: refuseFarPast, nip: 22 },
  { refuse: refuseExpired, nip: 40 },
  { refuse: requireAuthorForProtected, nip: 70 },
  { refuse: refuseRepostOfProtected, nip: 70 },
  { refuse: requireOurNameToVanish, nip: 62 },
  { refuse: requireWriter },
  { refuse: askThePlugin },
]
