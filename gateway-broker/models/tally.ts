import { Fault } from '#nips/kit/fault'
import { isObject, type JsonObject, objectsIn, type Wire } from './provider.ts'

export type Tokens = { inputTokens: number; outputTokens: number }

/** What one answer amounts to, read while it passes. */
export type Tally = {
  /** Reads one chunk or event. Throws a Fault when the event itself says that the answer failed. */
  see(event: JsonObject): void
  /** Reads an answer that came whole. */
  seeWhole(answer: JsonObject): void
  /** Why what was seen is no complete answer; `undefined` when it is one. */
  lacking(): Fault | undefined
  /** The provider's own count, if it gave one. */
  tokens(): Tokens | undefined
  /** Characters of text and tool arguments so far. */
  characters(): number
}

type Seen = { characters: number; answered: boolean; finished: boolean; tokens: Tokens | undefined; label: string }
type Reader = { event(event: JsonObject, seen: Seen): void; whole(answer: JsonObject, seen: Seen): void }

export function createTally(wire: Wire, label: string): Tally {
  const seen: Seen = { characters: 0, answered: false, finished: false, tokens: undefined, label }
  const reader = readers[wire]
  return {
    see: (event) => reader.event(event, seen),
    seeWhole: (answer) => reader.whole(answer, seen),
    lacking() {
      if (!seen.answered) return new Fault('model-empty', `${label} answered with nothing.`)
      return seen.finished ? undefined : new Fault('model-error', `${label} cut the answer off.`)
    },
    tokens: () => seen.tokens,
    characters: () => seen.characters,
  }
}

const chat: Reader = {
  event(chunk, seen) {
    countTokens(chunk.usage, ['prompt_tokens', 'completion_tokens'], seen)
    for (const choice of objectsIn(chunk.choices)) {
      if (isObject(choice.delta)) readMessage(choice.delta, seen)
      if (typeof choice.finish_reason === 'string') seen.finished = true
    }
  },
  whole(answer, seen) {
    countTokens(answer.usage, ['prompt_tokens', 'completion_tokens'], seen)
    for (const { message } of objectsIn(answer.choices)) if (isObject(message)) readMessage(message, seen)
    seen.finished = true
  },
}

function readMessage(message: JsonObject, seen: Seen): void {
  addText(message.content, seen)
  addText(message.refusal, seen)
  const calls = objectsIn(message.tool_calls)
  for (const { function: called } of calls) if (isObject(called)) addText(called.arguments, seen)
  if (calls.length > 0 || isObject(message.function_call)) seen.answered = true
}

const responses: Reader = {
  event(event, seen) {
    const type = String(event.type)
    if (type === 'response.failed' || type === 'error') throw failed(event, seen.label)
    if (/^response\.(?!reasoning).*\.delta$/.test(type)) addText(event.delta, seen)
    if (type === 'response.output_item.done' && isObject(event.item)) readItem(event.item, seen)
    if (/^response\.(completed|incomplete)$/.test(type)) end(event.response, seen)
  },
  whole(answer, seen) {
    if (answer.status === 'failed') throw failed({ response: answer }, seen.label)
    end(answer, seen)
  },
}

/** Anything but a message and a thought is an act: a call of a function or of a tool of the provider's own. */
function readItem(item: JsonObject, seen: Seen): void {
  if (item.type === 'reasoning') return
  if (item.type !== 'message') seen.answered = true
  else if (objectsIn(item.content).some((part) => Boolean(part.text ?? part.refusal))) seen.answered = true
}

function end(response: unknown, seen: Seen): void {
  seen.finished = true
  if (!isObject(response)) return
  for (const item of objectsIn(response.output)) readItem(item, seen)
  countTokens(response.usage, ['input_tokens', 'output_tokens'], seen)
}

function failed(event: JsonObject, label: string): Fault {
  const response = isObject(event.response) ? event.response : {}
  const code = String((isObject(response.error) ? response.error : event).code ?? '')
  if (/rate_limit|insufficient_quota/.test(code)) return new Fault('model-rate', `${label} limits requests.`)
  if (code === 'context_length_exceeded') return new Fault('too-large', `The conversation is too long for ${label}.`)
  return new Fault('model-error', `${label} failed.`)
}

function addText(text: unknown, seen: Seen): void {
  if (typeof text !== 'string' || text === '') return
  seen.characters += text.length
  seen.answered = true
}

function countTokens(usage: unknown, [input, output]: [string, string], seen: Seen): void {
  if (!isObject(usage)) return
  const [inputTokens, outputTokens] = [usage[input], usage[output]]
  if (isCount(inputTokens) && isCount(outputTokens)) seen.tokens = { inputTokens, outputTokens }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const readers: Record<Wire, Reader> = { chat, responses }
