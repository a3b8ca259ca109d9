import { auth } from './auth.ts'
import { close } from './close.ts'
import { event } from './event.ts'
import { req } from './req.ts'
import type { Verb, VerbName } from './verb.ts'

/** Everything a client can say. */
export const verbs: { readonly [V in VerbName]: Verb<V> } = { EVENT: event, REQ: req, CLOSE: close, AUTH: auth }
