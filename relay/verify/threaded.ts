import type { Worker } from 'node:worker_threads'
import type { Log } from '#nips/kit/log'
import { checkAll, type OpenPath } from './paths.ts'
import { SLAB } from './slab.ts'
import { type Job, startThread, startWorker, type Thread } from './thread-host.ts'
import type { Claim, Verifier } from './verifier.ts'

export type ThreadedDeps = {
  path: OpenPath
  threads: number
  log: Log
  start?: (slabs: readonly SharedArrayBuffer[]) => Worker
}

/** Most claims that are checked on the caller's thread: handing two over takes it less long than checking them. */
const INLINE = 1
/** Fewest claims worth a task of their own. */
const SHARE = 8
/** Threads that may end one after the other, with nothing done in between, before there are no more of them. */
const LOSSES = 5

/**
 * Checks in threads, in the order of the questions. A thread that ends is replaced and what it had is checked again;
 * where threads cannot live the caller's does all of it.
 */
export function threadedVerifier({ path, threads, log, start = startWorker(path.name) }: ThreadedDeps): Verifier {
  const waiting: Job[] = []
  let losses = 0
  let pool: Thread[] = []

  function feed(): void {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      if (pool.length === 0) {
        job.resolve(checkAll(path.check, job.claims))
        continue
      }
      const idlest = pool.reduce((best, thread) => (thread.room > best.room ? thread : best))
      if (idlest.room === 0) {
        waiting.unshift(job)
        return
      }
      idlest.give(job)
    }
  }

  function add(): void {
    const thread = startThread({
      start,
      onDone: () => {
        losses = 0
        feed()
      },
      onLost: (jobs, cause) => {
        losses += 1
        log('verify.thread-lost', { path: path.name, cause, unfinished: jobs.length })
        pool = pool.filter((one) => one !== thread)
        if (losses < LOSSES) add()
        waiting.unshift(...jobs)
        feed()
      },
    })
    pool.push(thread)
  }

  for (let count = 0; count < threads; count++) add()

  async function share(claims: readonly Claim[]): Promise<readonly boolean[]> {
    const size = Math.min(SLAB, Math.max(SHARE, Math.ceil(claims.length / threads)))
    const parts: Promise<readonly boolean[]>[] = []
    for (let at = 0; at < claims.length; at += size)
      parts.push(new Promise((resolve) => waiting.push({ claims: claims.slice(at, at + size), resolve })))
    feed()
    return (await Promise.all(parts)).flat()
  }

  return {
    name: path.name,
    threads,
    verify: async (claims) => (claims.length <= INLINE ? checkAll(path.check, claims) : share(claims)),
    async close() {
      const ending = pool
      pool = []
      const unfinished = await Promise.all(ending.map((thread) => thread.end()))
      waiting.unshift(...unfinished.flat())
      feed()
    },
  }
}
