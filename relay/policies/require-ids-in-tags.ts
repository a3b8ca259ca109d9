import { isHex } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

const fixed: ReadonlySet<string> = new Set(['e', 'p'])

/** NIP-01: an `e` tag names an event and a `p` tag a key; with anything else in them nobody finds what they mean. */
export const requireIdsInTags: Policy = ({ tags }) => {
  const odd = tags.find(([name = '', value]) => fixed.has(name) && value !== undefined && !isHex(value, 64))
  return odd && new Fault('invalid', `unexpected size for fixed-size tag: ${odd[0]}`)
}
