import { z } from 'zod'
import { type JobContract, resultKind, streamKind } from './job.ts'
import { callableJobs } from './jobs/index.ts'

const key = z.string().regex(/^[0-9a-f]{64}$/)

/** `GET /.well-known/openagents.json`: all a program needs to find and use a deployment. */
export const discoveryShape = z.object({
  name: z.string(),
  version: z.string(),
  /** WebSocket URL of the relay. */
  relay: z.string(),
  /** The key that jobs are addressed to and that answers them. */
  service: key,
  operator: key,
  relayKey: key,
  /** URL of SKILL.md. */
  skill: z.string(),
  jobs: z.array(
    z.object({
      name: z.string(),
      kind: z.int(),
      result: z.int(),
      stream: z.int(),
      summary: z.string(),
      consent: z.enum(['none', 'decision']),
      encryption: z.enum(['required', 'optional']),
    }),
  ),
  /** Limits of the jobs; the relay tells its own in NIP-11. */
  limits: z.object({
    /** Bytes of UTF-8 of one chat message. */
    maxChatText: z.int(),
    instancesPerOwner: z.int(),
    /** Seconds a request stays valid around its created_at. */
    requestWindow: z.int(),
  }),
})
export type Discovery = z.output<typeof discoveryShape>

/** The `jobs` member, from the contracts. */
export const discoveryJobs = (): Discovery['jobs'] => callableJobs.map(discoveryJob)

const discoveryJob = (job: JobContract): Discovery['jobs'][number] => ({
  name: job.name,
  kind: job.kind,
  result: resultKind(job),
  stream: streamKind(job),
  summary: job.summary,
  consent: job.consent,
  encryption: job.encryption,
})
