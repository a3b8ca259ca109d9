import { z } from 'zod'
import { defineJob } from '../job.ts'
import { instanceId } from './shared.ts'

export const instanceDelete = defineJob({
  name: 'instance.delete',
  kind: 5774,
  summary: 'Stop an OpenClaw gateway for good and erase its files, sessions and tokens.',
  input: z.strictObject({ instance: instanceId }),
  output: z.strictObject({
    instance: instanceId,
    /** `false` when there was nothing left to delete. */
    existed: z.boolean(),
  }),
  consent: 'decision',
  scope: 'delete',
  encryption: 'optional',
  asker: 'caller',
  phases: { stopping: 'Stopping the gateway', erasing: 'Erasing its files' },
  passing: false,
  streams: false,
  deadline: 120,
  question: 'Delete this gateway?',
  example: { input: { instance: '3f9c2a7d51e8b604' }, output: { instance: '3f9c2a7d51e8b604', existed: true } },
})
