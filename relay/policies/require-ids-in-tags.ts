import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

const fixed: ReadonlySet<string> = new Set(['e', 'p'])

/** NIP-01: an `e` tag names an event and a `p` tag a key. As strfry, which keeps the same ones. */
export const requireIdsInTags: Policy = ({ tags }) => {
  const odd = tags.find(([name = '', value]) => fixed.has(name) && !/^[0-9a-f]{64}$/i.test(value ?? ''))
  return odd && new Fault('invalid', `unexpected size for fixed-size tag: ${odd[0]}`)
}
