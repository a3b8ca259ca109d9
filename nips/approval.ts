import type { Cipher } from './cipher.ts'
import { onlyTag, SignedEvent, tagValues } from './event.ts'
import { instanceIdOf, instanceTag } from './instance.ts'
import { parseInput } from './job.ts'
import { isEncrypted, type JobRequest } from './job-events.ts'
import { type Action, approval } from './jobs/approval.ts'
import { jobNamed } from './jobs/index.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { canonicalJson, parseJson, sha256Hex } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

export type { Action } from './jobs/approval.ts'

/** The hash that a decision signs: SHA-256 of the action as RFC 8785 JSON. */
export const actionHash = (action: Action): string => sha256Hex(canonicalJson(action))

/** The instance a request is about: the one it names, or the one it will make. */
export const instanceFor = ({ event, input }: Pick<JobRequest, 'event' | 'input'>): string =>
  typeof input.instance === 'string' ? input.instance : instanceIdOf(event.id)

/** What a decision about a request has to be bound to. */
export const actionOf = (request: JobRequest): Action => ({
  type: request.job.name,
  instance: instanceFor(request),
  args: request.input as Action['args'],
  job: request.event.id,
  requester: request.event.pubkey,
})

export type ApprovalRequest = { event: NostrEvent; approvers: string[]; hash: string; until: number }
/** With the action itself, whose hash it is. */
export type OpenedApproval = ApprovalRequest & { action: Action; summary: string }

/** Seconds an owner has to decide. */
export const DECISION_WINDOW = 600

export type Asking = {
  service: string
  now: number
  /** Seals the action to its approver, when the request it is about was encrypted. */
  cipher?: Cipher
}

/** 5783, signed by the service: asks one owner to decide about exactly this action. */
export async function encodeApprovalRequest(
  action: Action,
  approver: string,
  { service, now, cipher }: Asking,
): Promise<EventTemplate> {
  const job = jobNamed(action.type)
  if (job?.question === undefined) throw new Fault('internal', `${action.type} needs no decision`)
  const plain = JSON.stringify({ v: 1, action, summary: job.question })
  return {
    kind: kind.approvalRequest,
    created_at: now,
    tags: [
      ['p', approver],
      ['e', action.job],
      ['k', String(job.kind)],
      instanceTag(service, action.instance),
      ['x', actionHash(action)],
      ['deadline', String(now + DECISION_WINDOW)],
      ['threshold', '1'],
      ['-'],
      ['alt', `${job.question} Answer with kind 6783 if you want it.`],
      ...(cipher ? [['encrypted']] : []),
    ],
    content: cipher ? await cipher.encrypt(approver, plain) : plain,
  }
}

/** What stands in the clear of a 5783: all that judging a decision needs. */
export function readApprovalRequest(event: NostrEvent): ApprovalRequest {
  if (event.kind !== kind.approvalRequest) throw new Fault('invalid', 'not an approval request')
  return { event, approvers: tagValues(event, 'p'), hash: onlyTag(event, 'x'), until: endOf(event) }
}

/** Reads a 5783 with its action, as its approver; refuses one whose hash is not the hash of its own action. */
export async function openApprovalRequest(event: NostrEvent, cipher: Cipher): Promise<OpenedApproval> {
  const request = readApprovalRequest(event)
  const plain = isEncrypted(event) ? await cipher.decrypt(event.pubkey, event.content) : event.content
  const { action, summary } = parseInput(approval, parseJson(plain))
  if (request.hash !== actionHash(action)) throw new Fault('invalid', 'the hash is not of this action')
  return { ...request, action, summary }
}

/** Without a readable end, said once, a request would never be over. */
function endOf(event: NostrEvent): number {
  const end = onlyTag(event, 'deadline')
  if (!/^\d{1,15}$/.test(end)) throw new Fault('invalid', 'the deadline is not a time')
  return Number(end)
}

/** 6783, signed by the approver. */
export function encodeDecision(
  request: NostrEvent,
  choice: 'approve' | 'deny',
  { now, reason = '' }: { now: number; reason?: string },
): EventTemplate {
  return {
    kind: kind.decision,
    created_at: now,
    tags: [
      ['e', request.id],
      ['k', String(kind.approvalRequest)],
      ['p', request.pubkey],
      ['x', onlyTag(request, 'x')],
      ['decision', choice],
      ['-'],
    ],
    content: reason,
  }
}

export type Judging = {
  request: ApprovalRequest
  service: string
  now: number
  /** Seconds after the time to decide during which a decision that was signed in time may still be carried out. */
  grace?: number
  /** Whether this key owns the instance now; asked at the moment of judging. */
  mayDecide: (pubkey: string) => boolean
}

/**
 * Whether a signed decision counts, and what it says. Throws `invalid`, `unauthorized` or `expired` otherwise.
 * A reaction, a message that says "ok", or a word in the content never counts.
 */
export function judgeDecision(
  decision: SignedEvent,
  { request, service, now, grace = 0, mayDecide }: Judging,
): 'approve' | 'deny' {
  if (!SignedEvent.is(decision) || decision.kind !== kind.decision) throw new Fault('invalid', 'not a decision')
  if (onlyTag(decision, 'e') !== request.event.id) throw new Fault('invalid', 'decides about another request')
  if (onlyTag(decision, 'k') !== String(kind.approvalRequest)) throw new Fault('invalid', 'names another kind')
  if (onlyTag(decision, 'p') !== service || request.event.pubkey !== service)
    throw new Fault('invalid', 'addressed to another service')
  if (!request.approvers.includes(decision.pubkey) || !mayDecide(decision.pubkey))
    throw new Fault('unauthorized', 'this key may not decide about it')
  if (onlyTag(decision, 'x') !== request.hash) throw new Fault('invalid', 'decides about another action')
  requireInTime(decision, request, { now, grace })
  const choice = onlyTag(decision, 'decision')
  if (choice !== 'approve' && choice !== 'deny') throw new Fault('invalid', 'neither approve nor deny')
  return choice
}

function requireInTime(
  decision: SignedEvent,
  request: ApprovalRequest,
  { now, grace }: { now: number; grace: number },
): void {
  if (now > request.until + grace) throw new Fault('expired', 'the time to decide is over')
  const at = decision.created_at
  if (at < request.event.created_at - 60 || at > Math.min(now + 60, request.until))
    throw new Fault('expired', 'signed outside the time to decide')
}
