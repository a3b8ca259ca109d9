import { actionHash, actionOf, judgeDecision, readApprovalRequest } from '#nips/approval'
import { SignedEvent } from '#nips/event'
import { isEncrypted, type JobRequest, readRequest, requireFresh } from '#nips/job-events'
import { jobOfKind } from '#nips/jobs/index'
import { Fault } from '#nips/kit/fault'
import type { Ticket } from '#nips/ticket'

/** Seconds a worker may need to bring a decision here: it may have had to wait for this broker. */
const DELIVERY = 600

/** A job that may run: who asked, for what, and with whose approval. */
export type Admitted = { request: JobRequest; approval?: string }

export type Admission = {
  /** The worker that brings the ticket; the request has to be addressed to it. */
  service: string
  now: number
  /** Who owns that instance now; `undefined` for one that does not exist yet. */
  ownerOf: (instance: string) => string | undefined
}

/**
 * Opens a ticket again, with the same rules as the worker that brings it: signatures, contract, age, and the decision
 * where the contract wants one. Throws `invalid`, `expired`, `unauthorized` or `needs-approval`.
 */
export function admit(ticket: Ticket, admission: Admission): Admitted {
  const event = SignedEvent.open(ticket.request)
  const job = jobOfKind(event.kind)
  if (job === undefined || job.asker !== 'caller') throw new Fault('invalid', `kind ${event.kind} is no job`)
  const params = isEncrypted(event) ? ticket.params : event.tags
  if (params === undefined) throw new Fault('invalid', 'an encrypted request comes with its parameters')
  const request = readRequest(event, job, { service: admission.service, params })
  if (job.consent === 'decision') return { request, approval: approved(ticket, request, admission) }
  requireFresh(event, admission.now)
  return { request }
}

/** The id of the approval, once the decision about exactly this action has been judged. */
function approved(ticket: Ticket, request: JobRequest, { service, now, ownerOf }: Admission): string {
  if (ticket.approval === undefined || ticket.decision === undefined)
    throw new Fault('needs-approval', `${request.job.name} needs an owner's signed decision`)
  const asked = readApprovalRequest(SignedEvent.open(ticket.approval))
  const action = actionOf(request)
  if (asked.hash !== actionHash(action)) throw new Fault('invalid', 'the approval is about another action')
  const owner = ownerOf(action.instance) ?? request.event.pubkey
  const choice = judgeDecision(SignedEvent.open(ticket.decision), {
    request: asked,
    service,
    now,
    grace: DELIVERY,
    mayDecide: (pubkey) => pubkey === owner,
  })
  if (choice !== 'approve') throw new Fault('denied', 'the owner said no')
  return asked.event.id
}
