import type { z } from 'zod'
import type { CallableJob, CallableName } from '#nips/jobs/index'
import type { Fault } from '#nips/kit/fault'

type JobNamed<N extends CallableName> = Extract<CallableJob, { name: N }>

/** The whole reach of one running job. */
export type Context = {
  readonly job: string
  /** Who asked. */
  readonly owner: string
  readonly signal: AbortSignal
  phase(name: string): void
  /** How far a phase is, from 0 to 1. */
  step(phase: string, progress: number): void
  /** All text so far. */
  text(whole: string): void
}

/** Who asks for what, before anything has been taken on. */
export type Asked<N extends CallableName> = { job: string; owner: string; input: z.output<JobNamed<N>['input']> }

/** How a job is done. The contract says everything else about it. */
export type Operation<N extends CallableName> = {
  /** Refuses, or writes what has to be there when the job is taken on; part of the same transaction. */
  reserve?(asked: Asked<N>): void
  run(input: z.output<JobNamed<N>['input']>, context: Context): Promise<z.output<JobNamed<N>['output']>>
  /** What happens to it when the broker ended in the middle: it is safe to run `again`, or it ends as `interrupted`. */
  afterCrash: 'again' | 'interrupted'
}

/** Every callable job has its operation; the compiler asks for a missing one. */
export type Operations = { [N in CallableName]: Operation<N> }

/** Ends jobs that run, with a reason. */
export type Aborting = {
  /** Ends one job of that owner; `false` when it had ended already. Throws `not-found` for anybody else's. */
  abort(job: string, owner: string): boolean
  /** Ends every other job on an instance. */
  abortOn(instance: string, except: string, fault: Fault): void
}
