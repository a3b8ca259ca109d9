import { z } from 'zod'
import { onlyTag, tag, tagValues } from './event.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { parseJson, sha256Hex } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

/** An instance's states. `ready` is said only after one real token came through the whole chain. */
export const instanceStates = [
  'provisioning',
  'starting',
  'ready',
  'restarting',
  'stopped',
  'failed',
  'deleting',
  'deleted',
] as const
export type InstanceState = (typeof instanceStates)[number]

/** What 31770 tells: one OpenClaw gateway as its owner sees it. No token, path or address is in it. */
export const instanceShape = z.object({
  slug: z.string(),
  state: z.enum(instanceStates),
  reason: z.string().optional(),
  /** Version of OpenClaw. */
  version: z.string(),
  /** Name of the model that answers. */
  model: z.string(),
  /** Whether that is the built-in offline model. */
  offline: z.boolean(),
  driver: z.string(),
  incarnation: z.int().nonnegative(),
  /** When the gateway's process started, in seconds; absent when it does not run. */
  since: z.int().nonnegative().optional(),
})
export type Instance = z.output<typeof instanceShape> & { id: string; owners: string[] }

/** The instance a provision job makes. The same job always names the same instance. */
export const instanceIdOf = (jobId: string): string => sha256Hex(`openagents:instance:${jobId}`).slice(0, 16)

export const instanceAddress = (service: string, id: string): string => `${kind.instance}:${service}:${id}`

/** The tag by which every event about an instance names it. */
export const instanceTag = (service: string, id: string): string[] => [
  'a',
  instanceAddress(service, id),
  '',
  'instance',
]

/** Reads the instance an event is about from its `a` tag; `undefined` when it names none of this service. */
export function instanceOf(event: Pick<NostrEvent, 'tags'>, service: string): string | undefined {
  const prefix = instanceAddress(service, '')
  return tagValues(event, 'a')
    .find((address) => address.startsWith(prefix))
    ?.slice(prefix.length)
}

/** State for 31770. `at` must grow with every change: NIP-01 keeps the lower id of two in one second. */
export function encodeInstance({ id, owners, ...shown }: Instance, at: number, rev: number): EventTemplate {
  return {
    kind: kind.instance,
    created_at: at,
    tags: [
      ['d', id],
      ...owners.map((owner) => ['p', owner]),
      ['s', shown.state],
      ['rev', String(rev)],
      ['-'],
      ['alt', `OpenClaw gateway ${shown.slug}: ${shown.state}`],
    ],
    content: JSON.stringify(shown),
  }
}

export function decodeInstance(event: NostrEvent): Instance & { rev: number } {
  const parsed = instanceShape.safeParse(parseJson(event.content))
  if (!parsed.success) throw new Fault('invalid', 'not an instance state')
  return { ...parsed.data, id: onlyTag(event, 'd'), owners: tagValues(event, 'p'), rev: Number(tag(event, 'rev') ?? 0) }
}
