import { expiration, onlyTag, SignedEvent, tagValues } from './event.ts'
import { instanceTag } from './instance.ts'
import { parseInput } from './job.ts'
import { type Action, approval } from './jobs/approval.ts'
import { jobNamed } from './jobs/index.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { canonicalJson, parseJson, sha256Hex } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'

export type { Action } from './jobs/approval.ts'

/** The hash that a decision signs: SHA-256 of the action as RFC 8785 JSON. */
export const actionHash = (action: Action): string => sha256Hex(canonicalJson(action))

/** The action a request asks for, as everybody who has the request can rebuild it. */
export type ApprovalRequest = {
  event: NostrEvent
  action: Action
  summary: string
  approvers: string[]
  hash: string
  until: number
}

/** Seconds an owner has to decide. */
export const DECISION_WINDOW = 600

/** 5783, signed by the service: asks `approvers` to decide about exactly this action. */
export function encodeApprovalRequest(
  action: Action,
  approvers: string[],
  { service, now }: { service: string; now: number },
): EventTemplate {
  const job = jobNamed(action.type)
  if (job?.question === undefined) throw new Fault('internal', `${action.type} needs no decision`)
  return {
    kind: kind.approvalRequest,
    created_at: now,
    tags: [
      ...approvers.map((approver) => ['p', approver]),
      ['e', action.job],
      ['k', String(job.kind)],
      instanceTag(service, action.instance),
      ['x', actionHash(action)],
      ['expiration', String(now + DECISION_WINDOW)],
      ['threshold', '1'],
      ['-'],
      ['alt', `${job.question} Answer with kind 6783 if you want it.`],
    ],
    content: JSON.stringify({ v: 1, action, summary: job.question }),
  }
}

/** Reads a 5783; refuses one whose hash is not the hash of its own action. */
export function decodeApprovalRequest(event: NostrEvent): ApprovalRequest {
  if (event.kind !== kind.approvalRequest) throw new Fault('invalid', 'not an approval request')
  const { action, summary } = parseInput(approval, parseJson(event.content))
  const hash = onlyTag(event, 'x')
  if (hash !== actionHash(action)) throw new Fault('invalid', 'the hash is not of this action')
  return { event, action, summary, approvers: tagValues(event, 'p'), hash, until: endOf(event) }
}

/** Without a readable end, said once, a request would never be over. */
function endOf(event: NostrEvent): number {
  const end = onlyTag(event, 'expiration')
  return expiration({ tags: [['expiration', end]] }) ?? 0
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
  /** Whether this key owns the instance now; asked at the moment of judging. */
  mayDecide: (pubkey: string) => boolean
}

/**
 * Whether a signed decision counts, and what it says. Throws `invalid`, `unauthorized` or `expired` otherwise.
 * A reaction, a message that says "ok", or a word in the content never counts.
 */
export function judgeDecision(
  decision: SignedEvent,
  { request, service, now, mayDecide }: Judging,
): 'approve' | 'deny' {
  if (!SignedEvent.is(decision) || decision.kind !== kind.decision) throw new Fault('invalid', 'not a decision')
  if (onlyTag(decision, 'e') !== request.event.id) throw new Fault('invalid', 'decides about another request')
  if (onlyTag(decision, 'k') !== String(kind.approvalRequest)) throw new Fault('invalid', 'names another kind')
  if (onlyTag(decision, 'p') !== service || request.event.pubkey !== service)
    throw new Fault('invalid', 'addressed to another service')
  if (!request.approvers.includes(decision.pubkey) || !mayDecide(decision.pubkey))
    throw new Fault('unauthorized', 'this key may not decide about it')
  if (onlyTag(decision, 'x') !== request.hash) throw new Fault('invalid', 'decides about another action')
  requireInTime(decision, request, now)
  const choice = onlyTag(decision, 'decision')
  if (choice !== 'approve' && choice !== 'deny') throw new Fault('invalid', 'neither approve nor deny')
  return choice
}

function requireInTime(decision: SignedEvent, request: ApprovalRequest, now: number): void {
  if (now > request.until) throw new Fault('expired', 'the time to decide is over')
  const at = decision.created_at
  if (at < request.event.created_at - 60 || at > Math.min(now + 60, request.until))
    throw new Fault('expired', 'signed outside the time to decide')
}
