import type { JobRequest } from '#nips/job-events'
import type { JobRow } from '../store.ts'
import type { Voice } from '../voice.ts'
import type { WorkerDeps } from '../worker.ts'

/** One job that may run. */
export type Running = { row: JobRow; request: JobRequest; voice: Voice; signal: AbortSignal }

/** Does a job: resolves with its output, or throws the fault it ends with. */
export type Handler = (running: Running, deps: WorkerDeps) => Promise<Record<string, unknown>>
