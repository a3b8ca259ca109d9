import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

const utf8 = new TextEncoder()

/** Not more tags, and no longer values, than an index should carry. */
export const limitTags: Policy = ({ tags }, { limits }) => {
  if (tags.length > limits.maxTags) return new Fault('invalid', `too many tags: ${tags.length}`)
  const measure = byteLength(limits.maxTagValue)
  const longest = tags.flat().reduce((most, value) => Math.max(most, measure(value)), 0)
  return longest > limits.maxTagValue ? new Fault('invalid', `tag val too large: ${longest}`) : undefined
}

/** Counts bytes only where the characters alone do not settle it: three bytes is the most one takes. */
const byteLength =
  (max: number) =>
  (value: string): number =>
    value.length * 3 <= max ? value.length : utf8.encode(value).length
