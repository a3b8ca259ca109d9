import { z } from 'zod'
import { defineJob } from '../job.ts'
import { utf8Length } from '../kit/bytes.ts'
import { instanceId } from './shared.ts'

/** Bytes of UTF-8 of one message. Sealed it has to fit into NIP-44's 65,535 as every library reads it. */
export const MAX_CHAT_TEXT = 32_768
/** Bytes of UTF-8 of one answer, for the same reason: about 10,000 tokens. */
export const MAX_ANSWER_TEXT = 40_000

export const chat = defineJob({
  name: 'chat',
  kind: 5785,
  summary: 'Say something to an OpenClaw gateway and get its answer, streamed.',
  input: z.strictObject({
    instance: instanceId,
    text: z
      .string()
      .min(1)
      .refine((text) => utf8Length(text) <= MAX_CHAT_TEXT, `has at most ${MAX_CHAT_TEXT} bytes`)
      .describe(`1 to ${MAX_CHAT_TEXT} bytes of UTF-8`),
    /** Turns of one thread share a session of the gateway, which remembers them. */
    thread: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, 'is 1 to 64 of a-z, 0-9 and -')
      .default('main'),
  }),
  output: z.strictObject({
    text: z.string().min(1),
    model: z.string(),
    inputTokens: z.int().nonnegative(),
    outputTokens: z.int().nonnegative(),
  }),
  prompt: 'text',
  consent: 'none',
  scope: 'chat',
  encryption: 'required',
  asker: 'caller',
  phases: { running: 'Thinking' },
  passing: false,
  streams: true,
  deadline: 600,
  example: {
    input: { instance: '3f9c2a7d51e8b604', text: 'What can you do?' },
    output: { text: 'I am your OpenClaw.', model: 'offline', inputTokens: 2150, outputTokens: 7 },
  },
})
