import { z } from 'zod'
import { instanceStates } from '../instance.ts'
import { defineJob } from '../job.ts'
import { instanceId, slug } from './shared.ts'

export const instanceStatus = defineJob({
  name: 'instance.status',
  kind: 5777,
  summary: 'Tell what an OpenClaw gateway is doing now. Starts nothing.',
  input: z.strictObject({ instance: instanceId }),
  output: z.strictObject({
    instance: instanceId,
    slug,
    state: z.enum(instanceStates),
    /** Why it is in this state, when that is not obvious. */
    reason: z.string().optional(),
    version: z.string(),
    model: z.string(),
    driver: z.string(),
    /** Seconds since the gateway's process started; 0 when it does not run. */
    uptime: z.int().nonnegative(),
    /** Counts the starts of this gateway; every handle carries it. */
    incarnation: z.int().nonnegative(),
  }),
  consent: 'none',
  scope: 'read',
  encryption: 'optional',
  asker: 'caller',
  phases: {},
  passing: true,
  streams: false,
  deadline: 15,
  example: {
    input: { instance: '3f9c2a7d51e8b604' },
    output: {
      instance: '3f9c2a7d51e8b604',
      slug: 'openclaw',
      state: 'ready',
      version: '2026.9.6',
      model: 'offline',
      driver: 'bwrap',
      uptime: 3600,
      incarnation: 1,
    },
  },
})
