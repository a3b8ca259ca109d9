import { z } from 'zod'
import { defineJob } from '../job.ts'
import { eventId, instanceId } from './shared.ts'

/** Exactly what would run. Its hash is what a decision signs. */
const action = z.strictObject({
  /** Name of the job. */
  type: z.string(),
  instance: instanceId,
  /** The job's input with its defaults filled in. */
  args: z.record(z.string(), z.json()),
  job: eventId,
  requester: eventId,
})
export type Action = z.output<typeof action>

export const approval = defineJob({
  name: 'approval',
  kind: 5783,
  summary: 'The service asks an owner to decide about exactly one action; the owner answers with a signed decision.',
  input: z.strictObject({ v: z.literal(1), action, summary: z.string() }),
  output: z.strictObject({ decision: z.enum(['approve', 'deny']), reason: z.string() }),
  consent: 'none',
  scope: 'runtime',
  encryption: 'optional',
  asker: 'service',
  phases: {},
  passing: false,
  streams: false,
  deadline: 600,
  example: {
    input: {
      v: 1,
      action: {
        type: 'instance.delete',
        instance: '3f9c2a7d51e8b604',
        args: { instance: '3f9c2a7d51e8b604' },
        job: 'a'.repeat(64),
        requester: 'b'.repeat(64),
      },
      summary: 'Delete this gateway?',
    },
    output: { decision: 'approve', reason: '' },
  },
})
