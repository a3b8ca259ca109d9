import { Fault, type FaultCode } from '#nips/kit/fault'
import type { JsonObject } from './provider.ts'

/** Ways in which a model can fail a request; each is told to `onFault` once. */
const modelFaults: readonly FaultCode[] = [
  'model-auth',
  'model-rate',
  'model-empty',
  'model-timeout',
  'model-error',
  'too-large',
]

export const isModelFault = (fault: Fault): boolean => modelFaults.includes(fault.code)

/** Whatever a provider threw; one that is no Fault did not come from a rule of ours, so the model is at fault. */
export function toModelFault(thrown: unknown, label: string): Fault {
  return thrown instanceof Fault ? thrown : new Fault('model-error', `${label} failed.`, thrown)
}

/** An error object as OpenAI writes it. */
export type OpenAiError = { message: string; type: string; param: null; code: string }

const error = (code: string, message: string, type = 'invalid_request_error'): OpenAiError => ({
  message,
  type,
  param: null,
  code,
})

/**
 * What a gateway is told when the model fails. OpenClaw 2026.9.6 reads words: `timeout`, `rate limit`, `upstream error`
 * or `server_error` anywhere (`code` included) make it retry for 60 to 140 s, and `401`, `403`, `unauthorized`, `expired` or
 * `billing` lock its key for a minute. An `invalid_request_error` without such a word ends the run at once and touches
 * nothing else, before the first byte (status 400) as well as inside a stream. The true reason goes to `onFault`.
 */
const noAnswer = error('no_answer', 'The model gave no complete answer to this.')

/** The one failure a gateway can cure by itself: it makes its conversation shorter and asks again. */
const tooLong = error(
  'context_length_exceeded',
  "This model's maximum context length is shorter than this conversation. Please reduce the length of the messages.",
)

export type Refusal = { status: 400 | 401 | 404 | 413; error: OpenAiError }

export const badToken: Refusal = {
  status: 401,
  error: error('invalid_api_key', 'This token is not valid for the model proxy.'),
}
export const badBody: Refusal = { status: 400, error: error('invalid_json', 'The body must be one JSON object.') }
export const bigBody: Refusal = { status: 413, error: error('request_too_large', 'The body is larger than 8 MiB.') }
export const unknownPath: Refusal = { status: 404, error: error('unknown_url', 'There is nothing at this path.') }
export const unknownModel = (model: string): Refusal => ({
  status: 404,
  error: error('model_not_found', `The only model here is ${model}.`),
})

/** The answer to a gateway whose request could not be done. */
export function refusalOf(fault: Fault): Refusal {
  if (fault.code === 'too-large') return { status: 400, error: tooLong }
  if (fault.code === 'unauthenticated') return badToken
  return { status: 400, error: noAnswer }
}

/** The body of a refusal before anything was sent. */
export const errorBody = (refusal: Refusal): JsonObject => ({ error: refusal.error })
