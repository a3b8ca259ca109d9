import { z } from 'zod'
import { defineJob } from '../job.ts'
import { eventId } from './shared.ts'

export const abort = defineJob({
  name: 'abort',
  kind: 5786,
  summary: 'End a running job of yours in the gateway itself; a chat keeps the text it has.',
  input: z.strictObject({ job: eventId }),
  output: z.strictObject({
    job: eventId,
    /** `false` when the job had ended already. */
    aborted: z.boolean(),
  }),
  consent: 'none',
  scope: 'chat',
  encryption: 'optional',
  asker: 'caller',
  phases: {},
  passing: true,
  streams: false,
  deadline: 30,
  example: { input: { job: 'a'.repeat(64) }, output: { job: 'a'.repeat(64), aborted: true } },
})
