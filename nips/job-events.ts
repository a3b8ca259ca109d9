import type { Cipher } from './cipher.ts'
import { expiration, onlyTag, type SignedEvent, tag } from './event.ts'
import { instanceOf, instanceTag } from './instance.ts'
import { type JobContract, parseInput, resultKind, streamKind } from './job.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** How long a request stays valid around its `created_at`: an old signed "delete" must not run. Seconds. */
export const REQUEST_WINDOW = 600

export type JobRequest = {
  readonly event: SignedEvent
  readonly job: JobContract
  readonly input: Record<string, unknown>
  /** The `i` and `param` tags the input was read from. */
  readonly params: string[][]
  /** A name the caller gave its intent, so that signing again does not run it again. */
  readonly idem: string | undefined
  readonly encrypted: boolean
}

export type Ask = {
  job: JobContract
  input: Record<string, unknown>
  service: string
  now: number
  idem?: string
  /** Encrypts the input to the service when given. */
  cipher?: Cipher
}

/** The unsigned request: `input` as NIP-90's `i` and `param` tags, in the clear or as NIP-44 content. */
export async function encodeRequest({ job, input, service, now, idem, cipher }: Ask): Promise<EventTemplate> {
  const checked = parseInput(job, input) as Record<string, unknown>
  const { instance, job: target, ...rest } = checked
  const params = Object.entries(rest).map(([name, value]) =>
    name === job.prompt ? ['i', String(value), 'text'] : ['param', name, paramText(value)],
  )
  const tags = [['p', service]]
  if (job.passing) tags.push(['expiration', String(now + REQUEST_WINDOW)])
  if (typeof instance === 'string') tags.push(instanceTag(service, instance))
  if (typeof target === 'string') tags.push(['e', target])
  if (idem !== undefined) tags.push(['idem', idem])
  if (cipher === undefined) return { kind: job.kind, created_at: now, tags: [...tags, ...params], content: '' }
  const content = await cipher.encrypt(service, JSON.stringify(params))
  return { kind: job.kind, created_at: now, tags: [...tags, ['encrypted']], content }
}

/** A `param` value: text as it is, anything else as JSON. */
export const paramText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Reads a request addressed to `service`. Throws `invalid` or `expired`; nothing runs before this has passed. */
export async function decodeRequest(
  event: SignedEvent,
  job: JobContract,
  service: { pubkey: string; cipher: Cipher },
): Promise<JobRequest> {
  const params = isEncrypted(event) ? readParams(await service.cipher.decrypt(event.pubkey, event.content)) : event.tags
  return readRequest(event, job, { service: service.pubkey, params })
}

export const isEncrypted = (event: Pick<NostrEvent, 'tags'>): boolean =>
  event.tags.some(([name]) => name === 'encrypted')

/** As `decodeRequest`, for whoever was given the parameters of an encrypted request by the one who could read them. */
export function readRequest(
  event: SignedEvent,
  job: JobContract,
  { service, params }: { service: string; params: string[][] },
): JobRequest {
  if (onlyTag(event, 'p') !== service) throw new Fault('invalid', 'addressed to another service')
  const encrypted = isEncrypted(event)
  if (job.encryption === 'required' && !encrypted) throw new Fault('invalid', `${job.name} has to be encrypted`)
  const input = parseInput(job, { ...readInput(job, params), ...namedMembers(event, job, service) })
  return { event, job, input: input as Record<string, unknown>, params, idem: tag(event, 'idem'), encrypted }
}

/** Refuses requests that are too old, from the future, or past their own expiration, by the server's clock. */
export function requireFresh(event: SignedEvent, now: number): void {
  if (Math.abs(now - event.created_at) > REQUEST_WINDOW)
    throw new Fault('expired', 'created_at is more than 10 minutes off')
  const until = expiration(event)
  if (until !== undefined && until <= now) throw new Fault('expired', 'the request has expired')
}

/** The instance and the job a request is about stand in its `a` and `e` tags, in the clear, so that filters find them. */
function namedMembers(event: SignedEvent, job: JobContract, service: string): Record<string, string> {
  const named = { instance: instanceOf(event, service), job: tag(event, 'e') }
  const wanted = Object.entries(named).filter(([name, value]) => name in job.input.shape && value !== undefined)
  return Object.fromEntries(wanted) as Record<string, string>
}

function readParams(plain: string): string[][] {
  const value = parseJson(plain)
  const fits =
    Array.isArray(value) &&
    value.every((entry) => Array.isArray(entry) && entry.every((item) => typeof item === 'string'))
  if (!fits) throw new Fault('invalid', 'the encrypted content is not a list of tags')
  return value as string[][]
}

function readInput(job: JobContract, params: string[][]): Record<string, unknown> {
  const input: Record<string, unknown> = Object.create(null)
  for (const [name, first, second] of params) {
    if (name === 'i' && job.prompt !== undefined && first !== undefined) input[job.prompt] = first
    if (name === 'param' && first !== undefined && second !== undefined)
      input[first] = paramValue(job.input, first, second)
  }
  return { ...input }
}

/** The value of a `param` for a member of `schema`: a member that is not text travels as JSON. */
function paramValue(schema: JobContract['input'], name: string, raw: string): unknown {
  const member = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined
  return member?.safeParse(raw).success ? raw : (parseJson(raw) ?? raw)
}

/** What every event about a request carries: which request, whose, and about which instance. */
export function aboutRequest(request: NostrEvent): string[][] {
  const instance = request.tags.filter(([name, , , marker]) => name === 'a' && marker === 'instance')
  return [['e', request.id], ['p', request.pubkey], ...instance]
}

export const answersTo = (request: Pick<NostrEvent, 'id' | 'kind'>): number[] => [
  resultKind(request),
  streamKind(request),
  kind.feedback,
  kind.checkpoint,
]
