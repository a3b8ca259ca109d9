import { isProtected } from '#nips/event'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** NIP-70: an event with a `-` tag is taken from its signed-in author only. */
export const requireAuthorForProtected: Policy = (event, { reader }) => {
  if (!isProtected(event) || reader.keys.has(event.pubkey)) return undefined
  return reader.keys.size === 0
    ? new Fault('unauthenticated', 'event marked as protected')
    : new Fault('unauthorized', 'must be published by the author')
}
