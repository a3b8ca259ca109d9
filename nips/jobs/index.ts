import type { JobContract } from '../job.ts'
import { abort } from './abort.ts'
import { approval } from './approval.ts'
import { chat } from './chat.ts'
import { instanceDelete } from './instance-delete.ts'
import { instanceProvision } from './instance-provision.ts'
import { instanceStatus } from './instance-status.ts'

/** Every job, in the order people read them. A new one is its file and one line here. */
export const jobs = [
  instanceProvision,
  instanceDelete,
  instanceStatus,
  chat,
  abort,
  approval,
] as const satisfies readonly JobContract[]

type Job = (typeof jobs)[number]
/** The jobs anybody may ask of the service. */
export type CallableJob = Exclude<Job, typeof approval>
export type CallableName = CallableJob['name']

export const callableJobs: readonly JobContract[] = jobs.filter((job) => job.asker === 'caller')

const byKind = new Map<number, JobContract>(jobs.map((job) => [job.kind, job]))
const byName = new Map<string, JobContract>(jobs.map((job) => [job.name, job]))

export const jobOfKind = (kind: number): JobContract | undefined => byKind.get(kind)
export const jobNamed = (name: string): JobContract | undefined => byName.get(name)
