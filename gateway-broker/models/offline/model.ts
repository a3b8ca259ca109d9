import type { Clock } from '#nips/kit/clock'
import { type ModelCall, type Provider, tokensIn } from '../provider.ts'
import { conversationOf } from './conversation.ts'
import { replyTo } from './reply.ts'
import { type Answer, paced, writings } from './stream.ts'

const MODEL = 'offline'

/**
 * The built-in model: rules and tables, no network, no AI. The same conversation always gets the same reply, and every
 * reply says what it is.
 */
export function createOfflineModel({ clock }: { clock: Clock }): Provider {
  let answers = 0
  const answerTo = ({ wire, body }: ModelCall): Answer => {
    const text = replyTo(conversationOf(wire, body))
    answers += 1
    return {
      id: answers,
      created: clock.now(),
      model: MODEL,
      text,
      inputTokens: tokensIn(JSON.stringify(body).length),
      outputTokens: tokensIn(text.length),
    }
  }
  return {
    name: 'offline',
    label: 'Offline model',
    model: MODEL,
    offline: true,
    async complete(call) {
      return writings[call.wire].whole(answerTo(call))
    },
    async *stream(call) {
      const answer = answerTo(call)
      const writing = writings[call.wire]
      let number = 0
      const numbered = (event: object) =>
        call.wire === 'chat' ? { ...event } : { ...event, sequence_number: number++ }
      for (const event of writing.opening(answer)) yield numbered(event)
      for await (const word of paced(answer.text, clock, call.signal)) yield numbered(writing.word(answer, word))
      for (const event of writing.closing(answer)) yield numbered(event)
    },
  }
}
