import { type Filter, type FilterLimits, parseFilter } from './filter.ts'
import type { NostrEvent } from './keys.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** What a client says (NIP-01, NIP-42). `event` is still unchecked: `SignedEvent.open` is the way in. */
export type ClientMessage =
  | { verb: 'EVENT'; event: unknown }
  | { verb: 'REQ'; subscription: string; filters: Filter[] }
  | { verb: 'CLOSE'; subscription: string }
  | { verb: 'AUTH'; event: unknown }

/** What a relay says. */
export type RelayMessage =
  | ['EVENT', string, NostrEvent]
  | ['OK', string, boolean, string]
  | ['EOSE', string]
  | ['CLOSED', string, string]
  | ['NOTICE', string]
  | ['AUTH', string]

/** A request that names its subscription, so that the refusal can be a CLOSED and not only a NOTICE. */
export class BadRequest extends Fault {
  readonly subscription: string

  constructor(subscription: string, fault: Fault) {
    super(fault.code, fault.message, fault)
    this.subscription = subscription
  }
}

export type MessageLimits = FilterLimits & { maxFilters: number; maxSubscriptionId: number }

/** Reads one frame. Throws `invalid` with strfry's words, or `BadRequest` when the subscription is known. */
export function parseClientMessage(frame: string, limits: MessageLimits): ClientMessage {
  const value = parseJson(frame)
  if (!Array.isArray(value)) throw new Fault('invalid', 'bad msg: unparseable message')
  if (typeof value[0] !== 'string') throw new Fault('invalid', 'bad msg: first element not a command like REQ')
  if (value.length < 2) throw new Fault('invalid', 'bad msg: too few array elements')
  const [verb, first, ...rest] = value
  switch (verb) {
    case 'EVENT':
    case 'AUTH':
      return { verb, event: first }
    case 'CLOSE':
      return { verb, subscription: subscriptionId('bad close', first, limits) }
    case 'REQ':
      return readRequest(subscriptionId('bad req', first, limits), rest, limits)
    default:
      throw new Fault('invalid', 'bad msg: unknown cmd')
  }
}

function readRequest(subscription: string, rest: unknown[], limits: MessageLimits): ClientMessage {
  try {
    if (rest.length === 0) throw new Fault('invalid', 'bad req: arr too small')
    if (rest.length > limits.maxFilters) throw new Fault('invalid', 'bad req: arr too big')
    return { verb: 'REQ', subscription, filters: rest.map((item) => parseFilter(item, limits)) }
  } catch (thrown) {
    throw thrown instanceof Fault ? new BadRequest(subscription, thrown) : thrown
  }
}

/** NIP-01: a non-empty string of at most 64 characters; strfry's set of characters. */
function subscriptionId(where: string, value: unknown, limits: MessageLimits): string {
  if (typeof value !== 'string') throw new Fault('invalid', `${where}: subscription id was not a string`)
  if (value.length === 0 || value.length > limits.maxSubscriptionId)
    throw new Fault('invalid', `${where}: invalid subscription id length`)
  if (!/^[\x20-\x7e]+$/.test(value) || /["\\]/.test(value))
    throw new Fault('invalid', `${where}: invalid character in subscription id`)
  return value
}
