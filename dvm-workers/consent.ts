import { actionOf, encodeApprovalRequest, instanceFor, judgeDecision, readApprovalRequest } from '#nips/approval'
import { SignedEvent, tag } from '#nips/event'
import { instanceOf } from '#nips/instance'
import { encodeProgress } from '#nips/job-answers'
import type { JobRequest } from '#nips/job-events'
import { Fault, toFault } from '#nips/kit/fault'
import { endJob, requestOf } from './intake.ts'
import type { JobRow } from './store.ts'
import type { WorkerDeps } from './worker.ts'

/** The owner of what would be changed: whoever asks, for what does not exist yet. Throws `not-found` for a stranger's. */
async function approverOf(request: JobRequest, deps: WorkerDeps): Promise<string> {
  const { pubkey } = request.event
  if (request.input.instance === undefined) return pubkey
  await deps.owners.known
  const owner = deps.owners.of(instanceFor(request))
  if (owner !== pubkey) throw new Fault('not-found', 'no such instance')
  return owner
}

/** Asks the owner for a decision. The job then waits, through restarts, until it is decided or too late. */
export async function askForDecision(
  { row, request }: { row: JobRow; request: JobRequest },
  deps: WorkerDeps,
): Promise<void> {
  const now = deps.clock.now()
  const action = actionOf(request)
  const approver = await approverOf(request, deps)
  const sealing = request.encrypted ? { cipher: deps.key.cipher } : {}
  const approval = deps.key.sign(
    await encodeApprovalRequest(action, approver, { service: deps.key.pubkey, now, ...sealing }),
  )
  const waiting = await encodeProgress({ request, cipher: deps.key.cipher, now }, 'approval-required', [
    ['approval', approval.id],
  ])
  const change = {
    from: 'accepted',
    stage: 'deciding',
    approval: JSON.stringify(approval),
    approvalId: approval.id,
  } as const
  deps.store.move(row.id, change, [approval, deps.key.sign(waiting)])
  deps.outbox.flush()
}

/**
 * Judges a decision. Returns the job it lets run; a denial ends the job, and anything that does not count
 * changes nothing but the log.
 */
export async function takeDecision(decision: SignedEvent, deps: WorkerDeps): Promise<JobRow | undefined> {
  const row = deps.store.jobWithApproval(tag(decision, 'e') ?? '')
  if (row?.approval == null || row.stage !== 'deciding') return undefined
  try {
    const request = readApprovalRequest(SignedEvent.open(row.approval))
    const about = instanceOf(request.event, deps.key.pubkey) ?? ''
    const mayDecide = (pubkey: string) => pubkey === (deps.owners.of(about) ?? row.owner)
    const choice = judgeDecision(decision, { request, service: deps.key.pubkey, now: deps.clock.now(), mayDecide })
    return choice === 'approve' ? await approve(row, decision, deps) : await deny(row, decision, deps)
  } catch (thrown) {
    deps.log('decision.refused', { id: decision.id, job: row.id, reason: toFault(thrown).reason })
    return undefined
  }
}

async function approve(row: JobRow, decision: SignedEvent, deps: WorkerDeps): Promise<JobRow | undefined> {
  const request = await requestOf(row, deps)
  const approved = await encodeProgress({ request, cipher: deps.key.cipher, now: deps.clock.now() }, 'approved')
  // The time to do it starts with the decision, however long that took.
  const deadline = deps.clock.now() + request.job.deadline
  const change = { from: 'deciding', stage: 'running', decision: JSON.stringify(decision), deadline } as const
  if (!deps.store.move(row.id, change, [deps.key.sign(approved)])) return undefined
  deps.outbox.flush()
  return deps.store.job(row.id)
}

async function deny(row: JobRow, decision: SignedEvent, deps: WorkerDeps): Promise<undefined> {
  const message = decision.content === '' ? 'the owner said no' : `the owner said no: ${decision.content.slice(0, 200)}`
  await endJob(row, { ok: false, code: 'denied', message, text: '' }, deps)
}

/** Ends a job whose time to decide is over. */
export async function expireDecision(row: JobRow, deps: WorkerDeps): Promise<void> {
  if (row.stage !== 'deciding' || row.approval === null) return
  const { until } = readApprovalRequest(SignedEvent.open(row.approval))
  if (deps.clock.now() <= until) return
  await endJob(row, { ok: false, code: 'expired', message: 'nobody decided in time', text: '' }, deps)
}
