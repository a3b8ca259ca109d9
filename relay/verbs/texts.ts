import type { Fault } from '#nips/kit/fault'

/** What CLOSED says: bad requests in strfry's words, everything else with NIP-01's prefix. */
export const closedText = (fault: Fault): string =>
  fault.code === 'invalid' ? `ERROR: ${fault.message}` : fault.reason

/** What NEG-ERR says: strfry's word for a message that breaks the protocol, everything else with NIP-01's prefix. */
export const negErrText = (fault: Fault): string =>
  fault.code === 'invalid' && !fault.message.startsWith('bad req: ') ? 'PROTOCOL-ERROR' : fault.reason

/** The id an OK names: what the client sent as one, or `?`. */
export function namedId(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined
  return typeof id === 'string' && id.length > 0 && id.length <= 64 ? id : '?'
}
