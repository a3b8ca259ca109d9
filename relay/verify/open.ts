import { availableParallelism } from 'node:os'
import type { Log } from '#nips/kit/log'
import { openFastest } from './paths.ts'
import { threadedVerifier } from './threaded.ts'
import type { Verifier } from './verifier.ts'

/** More would only wait for the thread that reads what they check. */
const MOST = 8

/** The relay's verifier: the fastest path that is here, in so many threads; 0 for one less than there are cores. */
export async function openVerifier(threads: number, log: Log): Promise<Verifier> {
  const path = await openFastest(log)
  const own = Math.min(MOST, Math.max(1, availableParallelism() - 1))
  return threadedVerifier({ path, threads: threads === 0 ? own : threads, log })
}
