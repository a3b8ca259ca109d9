import type { Clock } from '#nips/kit/clock'
import type { JsonObject, Wire } from '../provider.ts'

/** Words a second: fast to read along, slow enough to be stopped. */
const PACE = 70

/** A text word by word at a steady pace; ends with the signal's reason when it aborts. */
export async function* paced(text: string, clock: Clock, signal: AbortSignal): AsyncGenerator<string> {
  const start = clock.millis()
  let spoken = 0
  for (const [word] of text.matchAll(/\S+\s*|\s+/g)) {
    const early = start + (spoken * 1000) / PACE - clock.millis()
    if (early > 0) await clock.sleep(early, signal)
    signal.throwIfAborted()
    yield word
    spoken += 1
  }
}

export type Answer = {
  id: number
  created: number
  model: string
  text: string
  inputTokens: number
  outputTokens: number
}

/** How an answer is written on one wire: whole, and around and for each word of a stream. */
export type Writing = {
  whole(answer: Answer): JsonObject
  opening(answer: Answer): JsonObject[]
  word(answer: Answer, word: string): JsonObject
  closing(answer: Answer): JsonObject[]
}

const chatUsage = ({ inputTokens, outputTokens }: Answer): JsonObject => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
})

const chunk = ({ id, created, model }: Answer, choices: JsonObject[]): JsonObject => ({
  id: `chatcmpl-offline-${id}`,
  object: 'chat.completion.chunk',
  created,
  model,
  choices,
})

const choice = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
  index: 0,
  delta,
  finish_reason,
})

const chat: Writing = {
  whole: (answer) => ({
    id: `chatcmpl-offline-${answer.id}`,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: [{ index: 0, message: { role: 'assistant', content: answer.text, refusal: null }, finish_reason: 'stop' }],
    usage: chatUsage(answer),
  }),
  opening: (answer) => [chunk(answer, [choice({ role: 'assistant', content: '' })])],
  word: (answer, word) => chunk(answer, [choice({ content: word })]),
  closing: (answer) => [chunk(answer, [choice({}, 'stop')]), { ...chunk(answer, []), usage: chatUsage(answer) }],
}

const part = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [] })

const message = ({ id }: Answer, status: string, content: JsonObject[]): JsonObject => ({
  id: `msg_offline_${id}`,
  type: 'message',
  role: 'assistant',
  status,
  content,
})

const response = (answer: Answer, status: string, output: JsonObject[]): JsonObject => ({
  id: `resp_offline_${answer.id}`,
  object: 'response',
  created_at: answer.created,
  status,
  error: null,
  incomplete_details: null,
  model: answer.model,
  output,
})

const inPart = (answer: Answer): JsonObject => ({
  item_id: `msg_offline_${answer.id}`,
  output_index: 0,
  content_index: 0,
})

const responses: Writing = {
  whole: (answer) => ({
    ...response(answer, 'completed', [message(answer, 'completed', [part(answer.text)])]),
    usage: {
      input_tokens: answer.inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: answer.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: answer.inputTokens + answer.outputTokens,
    },
  }),
  opening: (answer) => [
    { type: 'response.created', response: response(answer, 'in_progress', []) },
    { type: 'response.in_progress', response: response(answer, 'in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: message(answer, 'in_progress', []) },
    { type: 'response.content_part.added', ...inPart(answer), part: part('') },
  ],
  word: (answer, word) => ({ type: 'response.output_text.delta', ...inPart(answer), delta: word }),
  closing: (answer) => [
    { type: 'response.output_text.done', ...inPart(answer), text: answer.text },
    { type: 'response.content_part.done', ...inPart(answer), part: part(answer.text) },
    { type: 'response.output_item.done', output_index: 0, item: message(answer, 'completed', [part(answer.text)]) },
    { type: 'response.completed', response: responses.whole(answer) },
  ],
}

export const writings: Record<Wire, Writing> = { chat, responses }
