import { isProtected } from '#nips/event'
import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

const reposts: ReadonlySet<number> = new Set([6, 16])

/** NIP-70: a repost would carry a protected event to where its author did not put it. */
export const refuseRepostOfProtected: Policy = ({ kind, content }) =>
  reposts.has(kind) && carriesProtected(parseJson(content))
    ? new Fault('conflict', "reposts can't embed protected events")
    : undefined

function carriesProtected(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('tags' in value) || !Array.isArray(value.tags)) return false
  return isProtected({ tags: value.tags.filter(Array.isArray) })
}
