import { base64, utf8 } from '@scure/base'
import { SignedEvent, tagValues } from './event.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { sha256Hex } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** Seconds a token may be off, in both directions. */
export const HTTP_AUTH_WINDOW = 60
const MAX_HEADER = 8192

/** The request as the server knows it: `url` from its own configuration, never from a Host header; `body` as raw bytes. */
export type HttpCall = { method: string; url: string; body: Uint8Array }
/** What a token has to be for: one URL, or one of several that a server goes by. */
type Expected = Omit<HttpCall, 'url'> & { url: string | ((named: string) => boolean) }

/** NIP-98: the event that stands for one HTTP request. `nonce` keeps two equal writes in one second apart. */
export const encodeHttpAuth = ({ method, url, body }: HttpCall, now: number, nonce?: string): EventTemplate => ({
  kind: kind.httpAuth,
  created_at: now,
  tags: [
    ['u', url],
    ['method', method],
    ...(body.length > 0 ? [['payload', sha256Hex(body)]] : []),
    ...(nonce === undefined ? [] : [['n', nonce]]),
  ],
  content: '',
})

export const httpAuthHeader = (event: NostrEvent): string =>
  `Nostr ${base64.encode(utf8.decode(JSON.stringify(event)))}`

/**
 * The strict profile: one `u` equal to the whole URL, one `method`, ±60 s, and a `payload` over the raw
 * bytes of any body. Throws `unauthenticated` naming the check that failed. Remembering tokens
 * against replay is the caller's part: `replayKey` says under which name.
 */
export function requireHttpAuth(header: string | undefined, call: Expected, now: number): SignedEvent {
  const token = readHttpAuth(header)
  try {
    return requireHttpCall(SignedEvent.open(token), call, now)
  } catch (error) {
    throw asRefusal(error)
  }
}

/** As `requireHttpAuth`, for a signature that is checked elsewhere, with others. */
export async function requiringHttpAuth(
  header: string | undefined,
  call: Expected & { now: number },
  signed: (event: Readonly<NostrEvent>) => Promise<boolean>,
): Promise<SignedEvent> {
  const token = readHttpAuth(header)
  try {
    return requireHttpCall((await SignedEvent.opening(token, signed)).event, call, call.now)
  } catch (error) {
    throw asRefusal(error)
  }
}

function requireHttpCall(event: SignedEvent, call: Expected, now: number): SignedEvent {
  if (event.kind !== kind.httpAuth) throw refusal('kind', 'the event is not kind 27235')
  if (Math.abs(now - event.created_at) > HTTP_AUTH_WINDOW)
    throw refusal('stale', 'created_at is more than 60 seconds off')
  requireOne(event, 'u', { check: 'bad-url', fits: call.url })
  requireOne(event, 'method', { check: 'bad-method', fits: call.method })
  requirePayload(event, call.body)
  return event
}

/** Reads are told apart by signature (libraries make equal ids within a second), writes by id. */
export const replayKey = (event: SignedEvent, method: string): string =>
  method === 'GET' || method === 'HEAD' ? event.sig : event.id

/** The event in a header, as text that nobody has looked at. */
function readHttpAuth(header: string | undefined): string {
  const [, token] = /^Nostr ([A-Za-z0-9+/]+={0,2})$/.exec(header ?? '') ?? []
  if (token === undefined || token.length > MAX_HEADER)
    throw refusal('missing', 'an "Authorization: Nostr <base64 event>" header is needed')
  try {
    return utf8.encode(base64.decode(token))
  } catch (error) {
    throw asRefusal(error)
  }
}

const asRefusal = (error: unknown): Fault =>
  error instanceof Fault && error.code === 'unauthenticated'
    ? error
    : refusal('bad-signature', 'the token is not a signed event', error)

function requireOne(event: SignedEvent, name: string, { check, fits }: { check: string; fits: Expected['url'] }): void {
  const values = tagValues(event, name)
  if (values.length !== 1) throw refusal(check, `exactly one "${name}" tag is needed`)
  const isRight = typeof fits === 'string' ? values[0] === fits : fits(values[0] ?? '')
  if (!isRight) throw refusal(check, `"${name}" has to be ${typeof fits === 'string' ? fits : 'a URL of this server'}`)
}

function requirePayload(event: SignedEvent, body: Uint8Array): void {
  const hashes = tagValues(event, 'payload')
  if (hashes.length > 1) throw refusal('payload-mismatch', 'more than one "payload" tag')
  if (body.length === 0 && hashes.length === 0) return
  if (hashes[0] !== sha256Hex(body))
    throw refusal('payload-mismatch', '"payload" is not the SHA-256 of the body as sent')
}

const refusal = (check: string, message: string, cause?: unknown): Fault =>
  new Fault('unauthenticated', `${check}: ${message}`, cause)
