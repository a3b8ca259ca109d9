import type { SignedEvent } from '#nips/event'
import { REQUEST_WINDOW } from '#nips/job-events'
import { callableJobs } from '#nips/jobs/index'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import { toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { RelayLink } from '#nips/relay-link'
import type { Broker } from './broker.ts'
import { askForDecision, expireDecision, takeDecision } from './consent.ts'
import { endJob, requestOf, takeRequest } from './intake.ts'
import type { ServiceKey } from './key.ts'
import type { Outbox } from './outbox.ts'
import type { Owners } from './owners.ts'
import { runJob } from './run.ts'
import type { JobRow, WorkerStore } from './store.ts'

export type WorkerDeps = {
  link: RelayLink
  broker: Broker
  store: WorkerStore
  outbox: Outbox
  owners: Owners
  key: ServiceKey
  clock: Clock
  log: Log
}

/** How often jobs that wait are looked at, in milliseconds. */
const LOOK_EVERY = 5000
/** Decisions may answer a request this many seconds older than any request may be. */
const DECISIONS_SINCE = 2 * REQUEST_WINDOW

/** Takes requests from the relay and brings each to exactly one result or one error. Returns how to stop. */
export function createWorker(deps: WorkerDeps): () => Promise<void> {
  const shutdown = new AbortController()
  const underway = new Set<Promise<void>>()

  /** The one catch for whatever a job does outside its handler. */
  const attend = (id: string, work: () => Promise<void>): void => {
    const job = work()
      .catch((thrown) => deps.log('job.bug', { id, error: toFault(thrown) }))
      .finally(() => underway.delete(job))
    underway.add(job)
  }

  const run = (row: JobRow, again: boolean) => runJob(row, { again, shutdown: shutdown.signal }, deps)

  const begin = async (row: JobRow): Promise<void> => {
    const request = await requestOf(row, deps)
    if (request.job.consent === 'decision')
      return askForDecision({ row, request }, deps).catch((thrown) => fail(row, thrown))
    deps.store.move(row.id, { from: 'accepted', stage: 'running' })
    await run(row, false)
  }

  const fail = (row: JobRow, thrown: unknown) => {
    const { code, message } = toFault(thrown)
    return endJob(row, { ok: false, code, message, text: '' }, deps)
  }

  const onRequest = (event: SignedEvent) =>
    attend(event.id, async () => {
      const taken = await takeRequest(event, deps)
      if (taken) await begin(taken.row)
    })

  const onDecision = (event: SignedEvent) =>
    attend(event.id, async () => {
      const row = await takeDecision(event, deps)
      if (row) await run(row, false)
    })

  /** Goes on with every job an earlier worker left. */
  const reconcile = () => {
    for (const row of deps.store.open()) {
      if (row.stage === 'accepted') attend(row.id, () => begin(row))
      if (row.stage === 'running') attend(row.id, () => run(row, true))
    }
    deps.outbox.flush()
  }

  const lookAtWaiting = () => {
    for (const row of deps.store.open()) if (row.stage === 'deciding') attend(row.id, () => expireDecision(row, deps))
    deps.outbox.flush()
  }

  reconcile()
  const stopLooking = deps.clock.every(LOOK_EVERY, lookAtWaiting)
  const filters = () => [
    { kinds: callableJobs.map((job) => job.kind), '#p': [deps.key.pubkey], since: deps.clock.now() - REQUEST_WINDOW },
    { kinds: [kind.decision], '#p': [deps.key.pubkey], since: deps.clock.now() - DECISIONS_SINCE },
  ]
  const unsubscribe = deps.link.subscribe({
    private: true,
    filters,
    onEvent: (event) => (event.kind === kind.decision ? onDecision(event) : onRequest(event)),
    onEnd: ({ message }) => deps.log('worker.closed', { reason: message }),
  })
  return async () => {
    unsubscribe()
    stopLooking()
    shutdown.abort()
    await Promise.all(underway)
  }
}
