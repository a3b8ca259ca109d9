import { isObject, type JsonObject, objectsIn, type Wire } from '../provider.ts'
import { type Letter, openEnvelope } from './envelope.ts'
import { withoutLabel } from './label.ts'

export type Turn = Letter & { by: 'person' | 'model' }

/** The conversation that a request carries: people's words and our replies, without wrappers, instructions and tools. */
export function conversationOf(wire: Wire, body: JsonObject): Turn[] {
  const input = wire === 'chat' ? body.messages : body.input
  const messages = typeof input === 'string' ? [{ role: 'user', content: input }] : objectsIn(input)
  return messages.map(turnOf).filter((turn) => turn !== undefined)
}

function turnOf(message: JsonObject): Turn | undefined {
  const raw = textOf(message.content)
  if (message.role === 'assistant') {
    const text = withoutLabel(raw)
    return text === '' ? undefined : { by: 'model', text }
  }
  if (message.role !== 'user') return undefined
  const letter = openEnvelope(raw)
  return letter.text === '' || isNotice(letter.text) ? undefined : { by: 'person', ...letter }
}

/** After a crash OpenClaw itself asks the model to go on; what the person asked stands before it. */
const isNotice = (text: string): boolean => text.startsWith('[System] ')

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .filter(isObject)
    .map((part) => (typeof part.text === 'string' ? part.text : ''))
    .join('\n')
}
