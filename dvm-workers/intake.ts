import { SignedEvent } from '#nips/event'
import type { JobContract } from '#nips/job'
import { type Answering, encodeFailure, encodeProgress, encodeResult } from '#nips/job-answers'
import { decodeRequest, isEncrypted, type JobRequest, requireFresh } from '#nips/job-events'
import { jobOfKind } from '#nips/jobs/index'
import type { EventTemplate } from '#nips/keys'
import { canonicalJson, sha256Hex } from '#nips/kit/bytes'
import { Fault, toFault } from '#nips/kit/fault'
import type { Outcome } from './outcome.ts'
import type { JobRow, NewJob } from './store.ts'
import type { WorkerDeps } from './worker.ts'

/** What came of a request: a job that may go on, or nothing more to do. */
export type Taken = { row: JobRow; request: JobRequest } | undefined

/**
 * Takes one request on. It is written down before anything else happens, together with its first feedback; a request
 * that was seen before, whoever sends it again, changes nothing.
 */
export async function takeRequest(event: SignedEvent, deps: WorkerDeps): Promise<Taken> {
  const job = jobOfKind(event.kind)
  if (job === undefined || job.asker !== 'caller' || deps.store.job(event.id)) return undefined
  try {
    requireFresh(event, deps.clock.now())
    const request = await decodeRequest(event, job, deps.key)
    return await claim(request, deps)
  } catch (thrown) {
    await refuse(event, job, { deps, fault: toFault(thrown) })
    return undefined
  }
}

async function claim(request: JobRequest, deps: WorkerDeps): Promise<Taken> {
  const { event, job, idem } = request
  const inputHash = sha256Hex(canonicalJson(request.input))
  const first = idem === undefined ? undefined : deps.store.jobWithIdem(event.pubkey, job.name, idem)
  if (first && first.inputHash !== inputHash) throw new Fault('conflict', 'this idem was used for another input')
  const place = first
    ? ({ stage: 'following', follows: first.id } as const)
    : ({ stage: 'accepted', follows: null } as const)
  const row: NewJob = { ...newRow(event, job, deps), idem: idem ?? null, inputHash, ...place }
  const answering = { request, cipher: deps.key.cipher, now: deps.clock.now() }
  const accepted = await encodeProgress(answering, 'accepted', first ? [['same-as', first.id]] : [])
  if (!deps.store.claim(row, [deps.key.sign(accepted)])) return undefined
  deps.outbox.flush()
  const stored = { ...row, approval: null, decision: null, nextSeq: 0 }
  if (first === undefined) return { row: stored, request }
  await follow(stored, first.id, deps)
  return undefined
}

/** A job whose first has ended already ends with it; otherwise it waits for it. */
async function follow(row: JobRow, first: string, deps: WorkerDeps): Promise<void> {
  const outcome = deps.store.job(first)?.outcome
  if (outcome) await endJob(row, JSON.parse(outcome) as Outcome, deps)
}

const newRow = (event: SignedEvent, job: JobContract, deps: WorkerDeps) => ({
  id: event.id,
  name: job.name,
  owner: event.pubkey,
  request: JSON.stringify(event),
  deadline: deps.clock.now() + job.deadline,
  outcome: null,
})

/** A request that is wrong gets one error, once; it is written down so that its replay gets none. */
async function refuse(
  event: SignedEvent,
  job: JobContract,
  { deps, fault }: { deps: WorkerDeps; fault: Fault },
): Promise<void> {
  if (fault.code === 'internal') deps.log('job.bug', { id: event.id, error: fault })
  const request: JobRequest = { event, job, input: {}, params: [], idem: undefined, encrypted: isEncrypted(event) }
  const failure = await encodeFailure({ request, cipher: deps.key.cipher, now: deps.clock.now() }, fault)
  const row: NewJob = { ...newRow(event, job, deps), idem: null, inputHash: '', stage: 'accepted', follows: null }
  const outcome: Outcome = { ok: false, code: fault.code, message: fault.message, text: '' }
  if (deps.store.claim(row, [])) deps.store.end(event.id, JSON.stringify(outcome), deps.key.sign(failure))
  deps.outbox.flush()
  deps.log('job.refused', { id: event.id, name: job.name, reason: fault.reason })
}

/** The request of a row, opened again. */
export async function requestOf(row: JobRow, deps: WorkerDeps): Promise<JobRequest> {
  const event = SignedEvent.open(row.request)
  const job = jobOfKind(event.kind)
  if (job === undefined) throw new Fault('internal', `kind ${event.kind} is no job`)
  return decodeRequest(event, job, deps.key)
}

/** Ends a job with its one terminal event, and every job that follows it with the same outcome. */
export async function endJob(row: JobRow, outcome: Outcome, deps: WorkerDeps): Promise<void> {
  const request = await requestOf(row, deps)
  const answering = { request, cipher: deps.key.cipher, now: deps.clock.now() }
  const template = await encodeEnd(answering, outcome)
  const ended = deps.store.end(row.id, JSON.stringify(outcome), deps.key.sign(template))
  deps.outbox.flush()
  if (ended) deps.log('job.end', { id: row.id, name: row.name, outcome: outcome.ok ? 'result' : outcome.code })
  for (const follower of deps.store.followers(row.id)) await endJob(follower, outcome, deps)
}

/** An end that does not fit into an event is an error that says so: a job never stays open for its size. */
async function encodeEnd(answering: Answering, outcome: Outcome): Promise<EventTemplate> {
  try {
    return outcome.ok
      ? await encodeResult(answering, outcome.output)
      : await encodeFailure(answering, new Fault(outcome.code, outcome.message), outcome.text)
  } catch (thrown) {
    const fault = toFault(thrown)
    return encodeFailure(
      answering,
      fault.code === 'too-large' ? new Fault('too-large', 'the answer does not fit into one event') : fault,
    )
  }
}
