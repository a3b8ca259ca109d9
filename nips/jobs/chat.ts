import { z } from 'zod'
import { defineJob } from '../job.ts'
import { instanceId } from './shared.ts'

export const chat = defineJob({
  name: 'chat',
  kind: 5785,
  summary: 'Say something to an OpenClaw gateway and get its answer, streamed.',
  input: z.strictObject({
    instance: instanceId,
    text: z.string().min(1).max(60_000),
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
  body: { input: 'text', output: 'text' },
  consent: 'none',
  scope: 'chat',
  encryption: 'optional',
  asker: 'caller',
  phases: { running: 'Thinking' },
  streams: true,
  deadline: 600,
  example: {
    input: { instance: '3f9c2a7d51e8b604', text: 'What can you do?' },
    output: { text: 'I am your OpenClaw.', model: 'offline', inputTokens: 2150, outputTokens: 7 },
  },
})
