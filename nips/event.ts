import { type NostrEvent, type Verify, verifySchnorr } from './keys.ts'
import { isHex, parseJson, sha256Hex } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/**
 * An event whose shape, id and signature we checked ourselves. A copy or an edit of one is not one
 * (it does not compile), so whoever holds a SignedEvent need not ask again.
 */
export class SignedEvent implements NostrEvent {
  readonly #opened = true
  readonly id: string
  readonly pubkey: string
  readonly created_at: number
  readonly kind: number
  readonly tags: string[][]
  readonly content: string
  readonly sig: string

  private constructor(event: NostrEvent) {
    this.id = event.id
    this.pubkey = event.pubkey
    this.created_at = event.created_at
    this.kind = event.kind
    this.tags = event.tags
    this.content = event.content
    this.sig = event.sig
  }

  /**
   * The only way in. Takes JSON text or a parsed value, keeps NIP-01's seven fields, hashes and verifies.
   * Throws `invalid` with strfry's words: `bad event id`, `bad signature`, or what is wrong with the shape.
   */
  static open(raw: unknown, verify: Verify = verifySchnorr): SignedEvent {
    const { event } = readHashed(raw, sha256Hex)
    if (!verify(event.id, event.pubkey, event.sig)) throw new Fault('invalid', 'bad signature')
    return new SignedEvent(event)
  }

  /**
   * As `open`, for a check that is done elsewhere, with others, and a hash of the host's own (lower-case hex of the
   * text's UTF-8). Gives the event and its text: NIP-01's seven fields in NIP-01's order. Rejects where `open` throws.
   */
  static async opening(raw: unknown, check: Check, sha256: Hash = sha256Hex): Promise<Opened> {
    const { event, json } = readHashed(raw, sha256)
    if (!(await check(event))) throw new Fault('invalid', 'bad signature')
    return { event: new SignedEvent(event), json }
  }

  /** As `open`, with `undefined` for whatever is not a valid event. */
  static tryOpen(raw: unknown, verify: Verify = verifySchnorr): SignedEvent | undefined {
    try {
      return SignedEvent.open(raw, verify)
    } catch {
      return undefined
    }
  }

  static is(value: unknown): value is SignedEvent {
    return typeof value === 'object' && value !== null && #opened in value
  }
}

type Check = (event: Readonly<NostrEvent>) => Promise<boolean>
type Hash = (text: string) => string
type Opened = { readonly event: SignedEvent; readonly json: string }

/** The shape and the id it claims; who signed it is not known yet. */
function readHashed(raw: unknown, sha256: Hash): { event: NostrEvent; json: string } {
  const event = readShape(typeof raw === 'string' ? parseJson(raw) : raw)
  const { hashed, json } = textsOf(event)
  if (sha256(hashed) !== event.id) throw new Fault('invalid', 'bad event id')
  return { event, json }
}

/** The text whose hash is the id (`serialise`) and the one that is sent: the long parts are written once for both. */
function textsOf({ id, pubkey, created_at, kind, tags, content, sig }: NostrEvent): { hashed: string; json: string } {
  const list = JSON.stringify(tags)
  const text = JSON.stringify(content)
  return {
    hashed: `[0,"${pubkey}",${created_at},${kind},${list},${text}]`,
    json: `{"id":"${id}","pubkey":"${pubkey}","created_at":${created_at},"kind":${kind},"tags":${list},"content":${text},"sig":"${sig}"}`,
  }
}

/** NIP-01's shape, strictly: lower-case hex, integers in range, text that survives UTF-8. */
export function readShape(value: unknown): NostrEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault('invalid', 'event is not an object')
  const event = value as Record<keyof NostrEvent, unknown>
  const { id, pubkey, created_at, kind, tags, content, sig } = event
  if (!isHex(id, 64)) throw notHex('id', id)
  if (!isHex(pubkey, 64)) throw notHex('pubkey', pubkey)
  if (!isHex(sig, 128)) throw notHex('sig', sig)
  if (!isWhole(kind, 65_535)) throw new Fault('invalid', 'event kind field was not an integer')
  if (!isWhole(created_at, Number.MAX_SAFE_INTEGER))
    throw new Fault('invalid', 'event created_at field was not an integer')
  if (typeof content !== 'string') throw new Fault('invalid', 'event content field was not a string')
  if (!isText(content)) throw new Fault('invalid', 'content is not well-formed text')
  return { id, pubkey, created_at, kind, tags: readTags(tags), content, sig }
}

/** What is wrong with a field that has to be hex, in strfry's words. */
function notHex(name: 'id' | 'pubkey' | 'sig', value: unknown): Fault {
  if (value === undefined) return new Fault('invalid', `JSON object key "${name}" not found`)
  if (typeof value !== 'string') return new Fault('invalid', `event ${name} field was not a string`)
  return new Fault('invalid', name === 'sig' ? 'verify sig: bad input size' : `unexpected ${name} size`)
}

function notTag(tag: unknown): Fault | undefined {
  if (!Array.isArray(tag)) return new Fault('invalid', 'tag in tags field was not an array')
  if (tag.length === 0) return new Fault('invalid', 'too few fields in tag')
  const at = tag.findIndex((value) => typeof value !== 'string')
  if (at >= 0) return new Fault('invalid', `tag ${at === 0 ? 'name' : 'val'} was not a string`)
  return tag.every(isText) ? undefined : new Fault('invalid', 'tags are not well-formed text')
}

function readTags(tags: unknown): string[][] {
  if (!Array.isArray(tags)) throw new Fault('invalid', 'tags field not an array')
  const problem = tags.map(notTag).find((fault) => fault !== undefined)
  if (problem) throw problem
  // Whoever handed the value in may still change it; what was signed stays as it was.
  return (tags as string[][]).map((entry) => [...entry])
}

const isWhole = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max

/** Lone surrogates and NUL pass JSON and the hash, but not every store: such an event could not be served as it was signed. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000')

type Tagged = Pick<NostrEvent, 'tags'>

/** The first value of a tag, if the event has it. */
export const tag = (event: Tagged, name: string): string | undefined => event.tags.find(([key]) => key === name)?.[1]

/** The first values of every tag of that name. */
export const tagValues = (event: Tagged, name: string): string[] =>
  event.tags.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []))

/** The value of a tag that has to be there exactly once; anything else is `invalid`. */
export function onlyTag(event: Tagged, name: string): string {
  const values = tagValues(event, name)
  if (values.length !== 1 || values[0] === undefined) throw new Fault('invalid', `exactly one "${name}" tag is needed`)
  return values[0]
}

/** NIP-40: when the event stops being valid, in seconds; `undefined` when it never does. */
export function expiration(event: Tagged): number | undefined {
  const raw = tag(event, 'expiration')
  if (raw === undefined) return undefined
  if (!/^\d{1,15}$/.test(raw)) throw new Fault('invalid', 'invalid expiration')
  return Number(raw)
}

/** NIP-70: only its author may publish it. */
export const isProtected = (event: Tagged): boolean =>
  event.tags.some((entry) => entry.length === 1 && entry[0] === '-')
