import { type Filter, type FilterLimits, parseFilter } from './filter.ts'
import type { NostrEvent } from './keys.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** What a client says (NIP-01, 42, 45, 77). `event` is still unchecked: `SignedEvent.open` is the way in. */
export type ClientMessage =
  | { verb: 'EVENT'; event: unknown }
  | { verb: 'REQ'; subscription: string; filters: Filter[] }
  | { verb: 'COUNT'; subscription: string; filters: Filter[] }
  | { verb: 'CLOSE'; subscription: string }
  | { verb: 'NEG-OPEN'; subscription: string; filter: Filter; message: string }
  | { verb: 'NEG-MSG'; subscription: string; message: string }
  | { verb: 'NEG-CLOSE'; subscription: string }
  | { verb: 'AUTH'; event: unknown }

/** What a relay says. */
export type RelayMessage =
  | ['EVENT', string, NostrEvent]
  | ['OK', string, boolean, string]
  | ['EOSE', string]
  | ['CLOSED', string, string]
  | ['COUNT', string, Count]
  | ['NEG-MSG', string, string]
  | ['NEG-ERR', string, string]
  | ['NOTICE', string]
  | ['AUTH', string]

/** NIP-45. `limited` is strfry's word for a count that stopped early; `hll` are 256 registers in hex. */
type Count = { count: number; limited?: true; approximate?: true; hll?: string }

/** A request that names its subscription, so that the refusal can name it too and is not only a NOTICE. */
export class BadRequest extends Fault {
  readonly subscription: string
  readonly answer: 'CLOSED' | 'NEG-ERR'

  constructor(subscription: string, fault: Fault, answer: 'CLOSED' | 'NEG-ERR' = 'CLOSED') {
    super(fault.code, fault.message, fault)
    this.subscription = subscription
    this.answer = answer
  }
}

export type MessageLimits = FilterLimits & { maxFilters: number; maxSubscriptionId: number }

/** Reads one frame. Throws `invalid` with strfry's words, or `BadRequest` when the subscription is known. */
export function parseClientMessage(frame: string, limits: MessageLimits): ClientMessage {
  const value = parseJson(frame)
  if (!Array.isArray(value)) throw new Fault('invalid', 'bad msg: unparseable message')
  if (value.length === 0) throw new Fault('invalid', 'bad msg: too few array elements')
  if (typeof value[0] !== 'string') throw new Fault('invalid', 'bad msg: first element not a command like REQ')
  if (value.length === 1) throw new Fault('invalid', 'bad msg: too few array elements')
  const [verb, first, ...rest] = value
  switch (verb) {
    case 'EVENT':
    case 'AUTH':
      return { verb, event: first }
    case 'CLOSE':
      if (rest.length > 0) throw new Fault('invalid', 'bad close: arr too small/big')
      return { verb, subscription: subscriptionId('bad close: CLOSE', first, limits) }
    case 'REQ':
    case 'COUNT':
      return readRequest({ verb, subscription: subscriptionId('bad req:', first, limits) }, rest, limits)
    case 'NEG-OPEN':
    case 'NEG-MSG':
    case 'NEG-CLOSE':
      return readNegentropy(
        { verb, subscription: subscriptionId('negentropy error: NEG', first, limits) },
        rest,
        limits,
      )
    default:
      throw new Fault('invalid', 'bad msg: unknown cmd')
  }
}

type Named<Verb> = { verb: Verb; subscription: string }

function readRequest(named: Named<'REQ' | 'COUNT'>, rest: unknown[], limits: MessageLimits): ClientMessage {
  try {
    if (rest.length === 0) throw new Fault('invalid', 'bad req: arr too small')
    if (rest.length > limits.maxFilters) throw new Fault('invalid', 'bad req: arr too big')
    return { ...named, filters: rest.map((item) => parseFilter(item, limits)) }
  } catch (thrown) {
    throw thrown instanceof Fault ? new BadRequest(named.subscription, thrown) : thrown
  }
}

function readNegentropy(
  { verb, subscription }: Named<'NEG-OPEN' | 'NEG-MSG' | 'NEG-CLOSE'>,
  rest: unknown[],
  limits: MessageLimits,
): ClientMessage {
  try {
    if (verb === 'NEG-CLOSE') return { verb, subscription }
    const isOpen = verb === 'NEG-OPEN'
    if (rest.length < (isOpen ? 2 : 1))
      throw new Fault('invalid', `negentropy ${isOpen ? 'query' : 'message'} missing elements`)
    const [filter, message] = isOpen ? rest : [undefined, ...rest]
    if (typeof message !== 'string') throw new Fault('invalid', 'negentropy payload not a string')
    if (verb === 'NEG-MSG') return { verb, subscription, message }
    return { verb, subscription, message, filter: parseFilter(filter, limits) }
  } catch (thrown) {
    throw thrown instanceof Fault ? new BadRequest(subscription, thrown, 'NEG-ERR') : thrown
  }
}

/** NIP-01: a non-empty string of at most 64 characters; strfry's set of characters. */
function subscriptionId(where: string, value: unknown, limits: MessageLimits): string {
  const [whose = ''] = where.split(':')
  const refused = (problem: string) => {
    const fault = new Fault('invalid', `${whose}: ${problem}`)
    return whose === 'bad req' && value !== '' ? new BadRequest(String(value), fault) : fault
  }
  if (typeof value !== 'string') throw new Fault('invalid', `${where} subscription id was not a string`)
  if (value.length === 0 || value.length > limits.maxSubscriptionId) throw refused('invalid subscription id length')
  if (!/^[\x20-\x7e]+$/.test(value) || /["\\]/.test(value)) throw refused('invalid character in subscription id')
  return value
}
