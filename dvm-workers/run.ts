import { decodeAnswer } from '#nips/job-answers'
import type { JobRequest } from '#nips/job-events'
import type { CallableName } from '#nips/jobs/index'
import { kind } from '#nips/kinds'
import { Fault, toFault } from '#nips/kit/fault'
import { handlers } from './handlers/index.ts'
import { endJob, requestOf } from './intake.ts'
import type { JobRow } from './store.ts'
import { Voice } from './voice.ts'
import type { WorkerDeps } from './worker.ts'

/** Milliseconds the relay has to send a checkpoint back. */
const CHECKPOINT_PATIENCE = 2000

export type RunOptions = {
  /** The job ran in an earlier worker: what it may have said is bridged by a checkpoint. */
  again: boolean
  /** Aborts when the worker shuts down; the job is then left for the next one. */
  shutdown: AbortSignal
}

/** Runs one job to its end. The only place that catches what a handler throws. */
export async function runJob(row: JobRow, { again, shutdown }: RunOptions, deps: WorkerDeps): Promise<void> {
  const request = await requestOf(row, deps)
  const late = new AbortController()
  const over = new AbortController()
  const left = Math.max(0, row.deadline - deps.clock.now()) * 1000
  void deps.clock.sleep(left, over.signal).then(
    () => late.abort(new Fault('timed-out', `it took longer than ${request.job.deadline} seconds`)),
    () => undefined,
  )
  const answering = () => ({ request, cipher: deps.key.cipher, now: deps.clock.now() })
  const [phase = 'running'] = Object.keys(request.job.phases)
  const voice = new Voice({ ...deps, answering }, { job: row.id, phase })
  if (again) voice.resume(await lastText(request, deps).catch(() => ''))
  try {
    const handler = handlers[row.name as CallableName]
    const output = await handler({ row, request, voice, signal: AbortSignal.any([shutdown, late.signal]) }, deps)
    await voice.finish()
    await endJob(row, { ok: true, output }, deps)
  } catch (thrown) {
    await voice.finish()
    if (shutdown.aborted) return
    const fault = late.signal.aborted ? toFault(late.signal.reason) : toFault(thrown)
    if (fault.code === 'internal') deps.log('job.bug', { id: row.id, name: row.name, error: fault })
    await endJob(row, { ok: false, code: fault.code, message: fault.message, text: voice.text }, deps)
  } finally {
    over.abort()
  }
}

/** What an earlier worker had said, from its last checkpoint; nothing when the relay does not tell in time. Rejects when it refuses. */
async function lastText(request: JobRequest, { link, key, clock }: WorkerDeps): Promise<string> {
  if (!request.job.streams) return ''
  const filters = [{ kinds: [kind.checkpoint], authors: [key.pubkey], '#d': [request.event.id] }]
  const [event] = await Promise.race([
    link.query({ private: true, filters }),
    clock.sleep(CHECKPOINT_PATIENCE).then(() => []),
  ])
  if (event === undefined) return ''
  const answer = await decodeAnswer(event, request.job, { cipher: key.cipher, peer: request.event.pubkey })
  return answer.type === 'checkpoint' ? answer.text : ''
}
