import { z } from 'zod'
import { onlyTag, SignedEvent, tagValues } from './event.ts'
import { callableJobs } from './jobs/index.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** Where OpenClaw's own files are. `progress` goes from 0 to 1 while `installing`. */
const runtimeShape = z.object({
  version: z.string(),
  state: z.enum(['missing', 'installing', 'ready', 'failed']),
  progress: z.number().min(0).max(1),
  reason: z.string().optional(),
})
export type Runtime = z.output<typeof runtimeShape>

/** What the service runs now: content of the heartbeat 11998, and of `GET /api/status`. */
export const healthShape = z.object({
  /** Why nothing can run at the moment; absent while all is well. */
  trouble: z.string().optional(),
  openclaw: runtimeShape,
  model: z.object({
    name: z.string(),
    label: z.string(),
    /** The built-in offline model: no provider is configured. */
    offline: z.boolean(),
  }),
  driver: z.object({
    name: z.string(),
    /** What a gateway is kept from, and what it is not; probed, not assumed. */
    guarantees: z.array(z.string()),
    gaps: z.array(z.string()),
    isolates: z.boolean(),
  }),
})
export type Health = z.output<typeof healthShape>

/** Seconds between heartbeats when nothing changes. A heartbeat expires after twice that. */
export const HEARTBEAT = 60

export const encodeHeartbeat = (health: Health, at: number): EventTemplate => ({
  kind: kind.heartbeat,
  created_at: at,
  tags: [
    ['d', 'openagents'],
    ['status', health.trouble === undefined ? health.openclaw.state : 'down'],
    ['expiration', String(at + 2 * HEARTBEAT)],
  ],
  content: JSON.stringify(health),
})

export function decodeHeartbeat(event: NostrEvent): Health {
  const parsed = healthShape.safeParse(parseJson(event.content))
  if (!parsed.success) throw new Fault('invalid', 'not a heartbeat')
  return parsed.data
}

export type Announced = { name: string; about: string; relay: string; skill: string }

/** NIP-89: which jobs this service does; a `k` for each contract. */
export const encodeAnnouncement = (announced: Announced, now: number): EventTemplate => ({
  kind: kind.announcement,
  created_at: now,
  tags: [
    ['d', 'openagents'],
    ...callableJobs.map((job) => ['k', String(job.kind)]),
    ['relay', announced.relay],
    ['t', 'openclaw'],
  ],
  content: JSON.stringify({ ...announced, encryptionSupported: true, nip90: 'profile: nips/openclaw-jobs.md' }),
})

/** What a key of this deployment is for. */
export const roles = ['operator', 'relay', 'broker', 'service'] as const
export type Role = (typeof roles)[number]

/** The deployment's keys by role, signed by its operator (NIP-78, `d` = `openagents/deployment`). */
export type Deployment = { operator: string; keys: ReadonlyMap<string, Role> }

const DEPLOYMENT = 'openagents/deployment'

export const encodeDeployment = (keys: ReadonlyMap<string, Role>, now: number): EventTemplate => ({
  kind: kind.deployment,
  created_at: now,
  tags: [['d', DEPLOYMENT], ...[...keys].map(([pubkey, role]) => ['p', pubkey, '', role])],
  content: '',
})

/** Reads the signed list; whoever asks has opened the event and knows whose signature to expect. */
export function decodeDeployment(event: NostrEvent): Deployment {
  if (event.kind !== kind.deployment || onlyTag(event, 'd') !== DEPLOYMENT)
    throw new Fault('invalid', 'not a deployment')
  const rows = event.tags.flatMap(([name, pubkey, , role]) => {
    const known = roles.find((candidate) => candidate === role)
    return name === 'p' && pubkey !== undefined && known !== undefined ? [[pubkey, known] as const] : []
  })
  return { operator: event.pubkey, keys: new Map(rows) }
}

/**
 * Opens the text of a signed list. `operator` is whose signature it has to carry, '' for anybody's.
 * Throws `invalid` for text that is not such a list, `unauthorized` for a list of somebody else's.
 */
export function openDeployment(text: string, operator: string): Deployment {
  const deployment = decodeDeployment(SignedEvent.open(text))
  if (operator !== '' && deployment.operator !== operator)
    throw new Fault('unauthorized', 'the deployment is not signed by the operator')
  return deployment
}

export const keysOf = (deployment: Deployment, role: Role): string[] =>
  [...deployment.keys].flatMap(([pubkey, own]) => (own === role ? [pubkey] : []))

/** The kinds an announcement lists. */
export const announcedKinds = (event: NostrEvent): number[] => tagValues(event, 'k').map(Number)
