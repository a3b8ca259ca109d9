import { Worker } from 'node:worker_threads'
import { Fault } from '#nips/kit/fault'
import type { Answer, Jobs, Opening, Question } from './messages.ts'

/** Somebody who does jobs on a connection to the file. */
export type Asking<J extends Jobs> = {
  /** Rejects with `unavailable` when the file or the thread is in trouble, with another error when the value is. */
  ask<N extends keyof J & string>(job: N, value: Parameters<J[N]>[0]): Promise<ReturnType<J[N]>>
  /** Resolves when everything that was asked is answered and the connection is let go of. */
  close(): Promise<void>
}

/** Does the jobs here and now, on a connection that somebody else closes. */
export const askHere = <J extends Jobs>(jobs: J): Asking<J> => ({
  async ask(job, value) {
    try {
      return (jobs[job] as (value: never) => unknown)(value as never) as ReturnType<J[typeof job]>
    } catch (error) {
      throw explain(error as Failure)
    }
  },
  close: async () => undefined,
})

type Failure = { readonly message: string; readonly code?: unknown }

/** Trouble that has nothing to do with what was asked, and may pass. */
const trouble = /^SQLITE_(FULL|BUSY|LOCKED|READONLY|IOERR|CANTOPEN|NOMEM)/

const explain = (error: Failure): Error =>
  typeof error.code === 'string' && trouble.test(error.code)
    ? new Fault('unavailable', 'the store is in trouble', error)
    : error instanceof Error
      ? error
      : new Error(error.message, { cause: error })

/** What a thread leaves behind is short-lived: cleaned up often, it is small. MiB. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 }

type Waiting = { resolve(done: unknown): void; reject(error: Error): void }
/** A running thread and what it was asked. */
type Running = { readonly worker: Worker; readonly waiting: Map<number, Waiting> }

/**
 * Has a thread do the jobs. It starts with the first question, or at `start`, and again with the next question after
 * it has died; what it was asked then is `unavailable`. While nothing waits it does not keep the process alive.
 */
export function askThread<J extends Jobs>(opening: Opening): Asking<J> & { start(): void } {
  let running: Running | undefined
  let numbers = 0

  function run(): Running {
    const worker = new Worker(new URL('main.ts', import.meta.url), { workerData: opening, resourceLimits })
    const waiting = new Map<number, Waiting>()
    const fresh = { worker, waiting }
    let cause: unknown
    worker.on('message', (answer: Answer) => settle(fresh, answer))
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      if (running === fresh) running = undefined
      for (const { reject } of waiting.values())
        reject(new Fault('unavailable', 'the store is in trouble', cause ?? new Error('the thread has ended')))
      waiting.clear()
    })
    worker.unref()
    return fresh
  }

  return {
    start() {
      running ??= run()
    },
    ask(job, value) {
      running ??= run()
      const { worker, waiting } = running
      numbers += 1
      const number = numbers
      return new Promise((resolve, reject) => {
        if (waiting.size === 0) worker.ref()
        waiting.set(number, { resolve: resolve as (done: unknown) => void, reject })
        worker.postMessage({ number, job, value } satisfies Question)
      })
    },
    async close() {
      if (running === undefined) return
      const { worker } = running
      worker.ref()
      const ended = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage({ number: 0, job: 'close', value: undefined } satisfies Question)
      await ended
    },
  }
}

function settle({ worker, waiting }: Running, answer: Answer): void {
  const waiter = waiting.get(answer.number)
  waiting.delete(answer.number)
  if (waiting.size === 0) worker.unref()
  if ('done' in answer) waiter?.resolve(answer.done)
  else waiter?.reject(explain(answer.failed))
}
