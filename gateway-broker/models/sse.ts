import type { OpenAiError } from './fault.ts'
import type { JsonObject, Wire } from './provider.ts'

export const sseHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

/** One event in OpenAI's framing: `responses` names each with an `event:` line, `chat` has data lines only. */
export function frame(wire: Wire, event: JsonObject): string {
  const data = `data: ${JSON.stringify(event)}\n\n`
  return wire === 'responses' ? `event: ${String(event.type)}\n${data}` : data
}

/** What follows a complete answer: `chat` says it is done, `responses` said so in its last event. */
export const lastFrame = (wire: Wire): string => (wire === 'chat' ? 'data: [DONE]\n\n' : '')

/**
 * A failure in the middle of a stream. The event of `responses` carries OpenAI's flat members and the nested `error`,
 * because OpenClaw takes only the nested type as final.
 */
export function errorFrame(wire: Wire, error: OpenAiError): string {
  if (wire === 'chat') return frame(wire, { error })
  const { code, message, param } = error
  return frame(wire, { type: 'error', code, message, param, error })
}
