import { Worker } from 'node:worker_threads'
import { writeClaims } from './claims.ts'
import { GOOD, newSlab, type Task, type ThreadData, verdictsOf } from './slab.ts'
import type { Claim } from './verifier.ts'

/** Up to SLAB claims and who waits for the answers. */
export type Job = { readonly claims: readonly Claim[]; readonly resolve: (verdicts: readonly boolean[]) => void }

/** One thread from its start to its end. */
export type Thread = {
  /** Jobs it can still take. */
  readonly room: number
  give(job: Job): void
  /** Ends it; gives back what it has not finished. */
  end(): Promise<readonly Job[]>
}

export type ThreadDeps = {
  start: (slabs: readonly SharedArrayBuffer[]) => Worker
  /** It has finished a job and has room for another. */
  onDone: () => void
  /** It ended by itself; these jobs are not done. */
  onLost: (jobs: readonly Job[], cause: unknown) => void
}

/** Two, so that it has the next job at hand while it says that one is done. */
const LANES = 2

export const startWorker =
  (path: ThreadData['path']) =>
  (slabs: readonly SharedArrayBuffer[]): Worker =>
    new Worker(new URL('./thread.ts', import.meta.url), { workerData: { path, slabs } satisfies ThreadData })

export function startThread({ start, onDone, onLost }: ThreadDeps): Thread {
  const slabs = Array.from({ length: LANES }, newSlab)
  const lanes = slabs.map((shared) => ({
    slab: Buffer.from(shared),
    verdicts: verdictsOf(shared),
    job: undefined as Job | undefined,
  }))
  const worker = start(slabs)
  let ending = false
  let cause: unknown
  const unfinished = (): Job[] => lanes.flatMap(({ job }) => job ?? [])

  worker.on('message', (index: number) => {
    const lane = lanes[index]
    if (lane?.job === undefined) return
    const { job, verdicts } = lane
    lane.job = undefined
    job.resolve(job.claims.map((_, position) => verdicts[position] === GOOD))
    onDone()
  })
  worker.on('error', (error) => {
    cause = error
  })
  worker.on('exit', (code) => {
    if (!ending)
      onLost(
        lanes.flatMap(({ job }) => job ?? []),
        cause ?? `exit code ${code}`,
      )
  })

  return {
    get room() {
      return lanes.filter(({ job }) => job === undefined).length
    },
    give(job) {
      const index = lanes.findIndex((lane) => lane.job === undefined)
      const lane = lanes[index]
      if (lane === undefined) throw new Error('the thread has no room')
      lane.job = job
      lane.verdicts.fill(0)
      writeClaims(lane.slab, job.claims)
      worker.postMessage({ lane: index, count: job.claims.length } satisfies Task)
    },
    async end() {
      ending = true
      await worker.terminate()
      return unfinished()
    },
  }
}
