import { z } from 'zod'
import { defineJob } from '../job.ts'
import { instanceId, slug } from './shared.ts'

export const instanceProvision = defineJob({
  name: 'instance.provision',
  kind: 5770,
  summary: 'Start a private OpenClaw gateway of your own and wait until one real model token came through it.',
  input: z.strictObject({ slug: slug.default('openclaw') }),
  output: z.strictObject({
    instance: instanceId,
    slug,
    version: z.string(),
    model: z.string(),
    driver: z.string(),
    /** Seconds from the decision to the first real token. */
    seconds: z.number(),
  }),
  consent: 'decision',
  scope: 'runtime',
  encryption: 'optional',
  asker: 'caller',
  phases: {
    reserving: 'Reserving a machine',
    installing: 'Installing OpenClaw',
    starting: 'Starting OpenClaw',
    connecting: 'Connecting to it',
    probing: 'Saying hello',
  },
  passing: false,
  streams: false,
  deadline: 900,
  question: 'Create a hosted OpenClaw?',
  example: {
    input: { slug: 'openclaw' },
    output: {
      instance: '3f9c2a7d51e8b604',
      slug: 'openclaw',
      version: '2026.9.6',
      model: 'offline',
      driver: 'bwrap',
      seconds: 11.4,
    },
  },
})
