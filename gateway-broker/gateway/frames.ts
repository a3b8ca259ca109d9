import { z } from 'zod'

/** OpenClaw's WebSocket protocol v4, the part we read. Unknown members pass; unknown events are ignored. */
export const frameShape = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('res'),
    id: z.string(),
    ok: z.boolean(),
    payload: z.unknown().optional(),
    error: z
      .looseObject({
        code: z.string().optional(),
        message: z.string().default('refused'),
        retryable: z.boolean().optional(),
      })
      .optional(),
  }),
  z.looseObject({ type: z.literal('event'), event: z.string(), payload: z.unknown().optional() }),
])
export type Frame = z.output<typeof frameShape>

const PROTOCOL = 4

/** What the broker asks for when it connects: it is the gateway's operator. */
export const connectParams = (token: string) => ({
  minProtocol: PROTOCOL,
  maxProtocol: PROTOCOL,
  client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' },
  role: 'operator',
  scopes: ['operator.read', 'operator.write', 'operator.admin', 'operator.approvals', 'operator.pairing'],
  caps: ['tool-events', 'exec-approvals', 'approvals'],
  auth: { token },
})

/** `agent` event, stream `assistant`: text that grows while the model speaks. */
export const assistantShape = z.looseObject({
  runId: z.string(),
  stream: z.literal('assistant'),
  data: z.looseObject({ text: z.string().optional(), delta: z.string().optional(), itemId: z.string().optional() }),
})

/** `chat` event: how a run stands. `message` holds the whole text in its last state. */
export const chatShape = z.looseObject({
  runId: z.string(),
  state: z.enum(['status', 'delta', 'final', 'aborted', 'error']).catch('status'),
  message: z.looseObject({ content: z.union([z.string(), z.array(z.unknown())]) }).optional(),
  errorMessage: z.string().optional(),
})
export type ChatEvent = z.output<typeof chatShape>

/** The text of a message whose content is a string or a list of parts. */
export function messageText(event: ChatEvent): string {
  const content = event.message?.content
  if (typeof content === 'string') return content
  return (content ?? [])
    .map((part) => (typeof part === 'object' && part !== null && 'text' in part ? String(part.text) : ''))
    .join('')
}
