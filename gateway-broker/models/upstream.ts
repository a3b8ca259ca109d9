import OpenAI, { APIConnectionError, APIError } from 'openai'
import { Fault } from '#nips/kit/fault'
import type { Secret } from '#nips/kit/log'
import { isObject, type JsonObject, type ModelCall, type Provider, type Wire } from './provider.ts'

export type UpstreamRow = { name: string; label: string; model: string; baseUrl: string; key?: Secret | undefined }

const paths: Record<Wire, string> = { chat: '/chat/completions', responses: '/responses' }

/** Longer than any answer takes: how long a model may be silent is the proxy's to say. */
const NEVER = 3_600_000

/**
 * An OpenAI-compatible service as a provider: the one door to the `openai` package. A request passes as the gateway wrote
 * it, but for `model`, `stream`, and `stream_options.include_usage`, which is always asked for so that use can be counted.
 */
export function createUpstream(row: UpstreamRow, fetch: typeof globalThis.fetch): Provider {
  const client = createClient(row, fetch)
  const post = <T>(call: ModelCall, stream: boolean) =>
    client
      .post<T>(paths[call.wire], { body: bodyOf(call, row.model, stream), stream, signal: call.signal })
      .withResponse()

  return {
    name: row.name,
    label: row.label,
    model: row.model,
    offline: false,
    complete: (call) =>
      guarded(call, row, async () => {
        const { data } = await post<unknown>(call, false)
        if (isObject(data)) return data
        throw data ? notAnAnswer(row) : new Fault('model-empty', `${row.label} answered with nothing.`)
      }),
    async *stream(call) {
      const { data, response } = await guarded(call, row, () => post<AsyncIterable<unknown>>(call, true))
      if (/json|html/.test(response.headers.get('content-type') ?? '')) throw notAnAnswer(row)
      const events = data[Symbol.asyncIterator]()
      for (;;) {
        const step = await guarded(call, row, () => events.next())
        if (step.done) return
        if (!isObject(step.value)) throw notAnAnswer(row)
        yield step.value
      }
    },
  }
}

/** Every option is given, because what is left out the package reads from the environment. */
function createClient(row: UpstreamRow, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    baseURL: row.baseUrl,
    apiKey: row.key?.reveal() ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: NEVER,
    logLevel: 'off',
    fetch,
    ...(row.key ? {} : { defaultHeaders: { Authorization: null } }),
  })
}

function bodyOf({ wire, body }: ModelCall, model: string, stream: boolean): JsonObject {
  if (!stream) return { ...body, model, stream }
  if (wire === 'responses') return { ...body, model, stream }
  const options = isObject(body.stream_options) ? body.stream_options : {}
  return { ...body, model, stream, stream_options: { ...options, include_usage: true } }
}

/** The one catch of this door: an abort leaves with the signal's reason, all else as a Fault without the key in it. */
async function guarded<T>(call: ModelCall, row: UpstreamRow, step: () => Promise<T>): Promise<T> {
  try {
    const result = await step()
    call.signal.throwIfAborted()
    return result
  } catch (thrown) {
    call.signal.throwIfAborted()
    throw faultOf(thrown, row)
  }
}

function faultOf(thrown: unknown, row: UpstreamRow): Fault {
  if (thrown instanceof Fault) return thrown
  const cause = causeOf(thrown, row.key)
  if (thrown instanceof APIConnectionError) return new Fault('model-error', `${row.label} could not be reached.`, cause)
  if (thrown instanceof APIError) return apiFault(thrown, row, cause)
  if (thrown instanceof SyntaxError) return notAnAnswer(row, cause)
  return new Fault('model-error', `${row.label} cut the answer off.`, cause)
}

/** A refusal by status, or, inside a stream, by its code. */
function apiFault(refused: APIError, { label }: UpstreamRow, cause: Error): Fault {
  const code = refused.code ?? refused.type ?? ''
  const at = refused.status === undefined ? '' : ` (HTTP ${refused.status})`
  if (refused.status === 401 || refused.status === 403 || /api_key|authentication|permission/.test(code))
    return new Fault('model-auth', `${label} refused the key${at}.`, cause)
  if (/insufficient_quota/.test(code)) return new Fault('model-rate', `The quota at ${label} is used up${at}.`, cause)
  if (refused.status === 429 || /rate_limit/.test(code))
    return new Fault('model-rate', `${label} limits requests${at}${waitAsked(refused)}.`, cause)
  if (isTooLong(refused)) return new Fault('too-large', `The conversation is too long for ${label}.`, cause)
  const verb = refused.status !== undefined && refused.status < 500 ? 'refused the request' : 'failed'
  return new Fault('model-error', `${label} ${verb}${at}.`, cause)
}

function waitAsked(refused: APIError): string {
  const seconds = Number(refused.headers?.get('retry-after'))
  return Number.isInteger(seconds) && seconds > 0 ? `; it asks to wait ${seconds} s` : ''
}

const isTooLong = (refused: APIError): boolean =>
  refused.code === 'context_length_exceeded' ||
  (refused.status === 400 && /context (?:length|size|window)|too many tokens|prompt is too long/i.test(refused.message))

const notAnAnswer = ({ label }: UpstreamRow, cause?: Error): Fault =>
  new Fault('model-error', `${label} sent something that is not an answer.`, cause)

/** What the log may keep of an error: one line without the key, even where the other side wrote it into its message. */
function causeOf(thrown: unknown, key: Secret | undefined): Error {
  const own = thrown instanceof Error ? thrown.message : String(thrown)
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : ''
  const line = `${own}${inner}`
  const cause = new Error((key ? line.replaceAll(key.reveal(), '[secret]') : line).slice(0, 300))
  cause.stack = cause.message
  return cause
}
