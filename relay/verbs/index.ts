import { auth } from './auth.ts'
import { close } from './close.ts'
import { count } from './count.ts'
import { event } from './event.ts'
import { negClose, negMsg, negOpen } from './negentropy.ts'
import { req } from './req.ts'
import type { Verb, VerbName } from './verb.ts'

/** Everything a client can say. */
export const verbs: { readonly [V in VerbName]: Verb<V> } = {
  EVENT: event,
  REQ: req,
  CLOSE: close,
  AUTH: auth,
  COUNT: count,
  'NEG-OPEN': negOpen,
  'NEG-MSG': negMsg,
  'NEG-CLOSE': negClose,
}
