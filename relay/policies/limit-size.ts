import { utf8Length } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { toJson } from '../store/store.ts'
import type { Policy } from './policy.ts'

/** Not more text than the operator wants to keep of one event. One message is the bound anyway, and then this costs nothing. */
export const limitSize: Policy = (event, { limits }) => {
  if (limits.maxEventSize >= limits.maxMessageLength) return undefined
  const size = utf8Length(toJson(event))
  return size > limits.maxEventSize ? new Fault('invalid', `event too large: ${size}`) : undefined
}
