import type { Cipher } from './cipher.ts'
import { onlyTag, tag } from './event.ts'
import { type JobContract, parseOutput, resultKind, streamKind } from './job.ts'
import { aboutRequest, type JobRequest } from './job-events.ts'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { kind } from './kinds.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault, type FaultCode, isFaultCode } from './kit/fault.ts'

/** What a service says about a request, decoded. */
export type JobAnswer =
  | { type: 'progress'; phase: string; approval?: string; sameAs?: string }
  | { type: 'failure'; code: FaultCode; message: string; retry: boolean; text: string }
  | { type: 'delta'; seq: number; text: string }
  | { type: 'step'; phase: string; progress: number }
  | { type: 'checkpoint'; seq: number; text: string }
  | { type: 'result'; output: Record<string, unknown> }

/** Seconds that events about a job are kept (NIP-40); results stay, they are the transcript. */
const KEEP = { feedback: 30 * 86_400, checkpoint: 86_400 }

/** How one request is answered: the same parties, the same encryption. */
export type Answering = { request: JobRequest; cipher: Cipher; now: number }

type Said = { kind: number; tags: string[][]; text?: string }

async function answer(
  { request, cipher, now }: Answering,
  { kind: number, tags, text = '' }: Said,
): Promise<EventTemplate> {
  const sealed = request.encrypted && text !== ''
  return {
    kind: number,
    // A requester's clock may be ahead of ours; an answer is never older than its question.
    created_at: Math.max(now, request.event.created_at),
    tags: [...aboutRequest(request.event), ...tags, ...(sealed ? [['encrypted']] : [])],
    content: sealed ? await cipher.encrypt(request.event.pubkey, text) : text,
  }
}

const expiring = (answering: Answering, seconds: number): string[] => ['expiration', String(answering.now + seconds)]

/** 7000 `processing` with a phase of the job, or `accepted`, `approval-required`, `approved`. */
export const encodeProgress = (answering: Answering, phase: string, more: string[][] = []): Promise<EventTemplate> =>
  answer(answering, {
    kind: kind.feedback,
    tags: [['status', 'processing', phase], ['phase', phase], ...more, expiring(answering, KEEP.feedback)],
  })

/**
 * 7000 `error`: the terminal event of a job that did not succeed. `text` is what it had said so far. Under encryption
 * only the code and its general advice stand in the clear; message and text are sealed together.
 */
export function encodeFailure(answering: Answering, fault: Fault, text = ''): Promise<EventTemplate> {
  const sealed = answering.request.encrypted
  const tags = [
    ['status', 'error', `${fault.code}: ${sealed ? fault.fix : fault.message}`],
    ['retryable', String(fault.retry)],
    ['alt', fault.fix],
  ]
  return answer(answering, {
    kind: kind.feedback,
    tags,
    text: sealed ? JSON.stringify({ message: fault.message, text }) : text,
  })
}

/** Ephemeral piece of text number `seq`, counted from 0 without gaps. */
export function encodeDelta(answering: Answering, seq: number, text: string): Promise<EventTemplate> {
  const tags = [
    ['seq', String(seq)],
    ['c', 'text'],
  ]
  return answer(answering, { kind: streamKind(answering.request.job), tags, text })
}

/** Ephemeral progress inside a phase, from 0 to 1: also the sign of life of a job that has nothing to say yet. */
export function encodeStep(answering: Answering, step: { phase: string; progress: number }): Promise<EventTemplate> {
  const tags = [
    ['c', 'status'],
    ['phase', step.phase],
    ['progress', step.progress.toFixed(3)],
  ]
  return answer(answering, { kind: streamKind(answering.request.job), tags })
}

/** 31774: all text up to and including delta `seq`, so that a client that comes late or lost its link catches up. */
export function encodeCheckpoint(answering: Answering, seq: number, text: string): Promise<EventTemplate> {
  const tags = [['d', answering.request.event.id], ['seq', String(seq)], ['-'], expiring(answering, KEEP.checkpoint)]
  return answer(answering, { kind: kind.checkpoint, tags, text })
}

/** The result, authoritative: the whole output as JSON. */
export function encodeResult(answering: Answering, output: unknown): Promise<EventTemplate> {
  const { job } = answering.request
  return answer(answering, { kind: resultKind(job), tags: [], text: JSON.stringify(parseOutput(job, output)) })
}

/**
 * Reads an answer to a request of `job`. `peer` is the other party whose conversation seals it:
 * the service for the requester, the requester for the service.
 */
export async function decodeAnswer(
  event: NostrEvent,
  job: JobContract,
  reader: { cipher: Cipher; peer: string },
): Promise<JobAnswer> {
  const sealed = event.tags.some(([name]) => name === 'encrypted')
  const text = sealed ? await reader.cipher.decrypt(reader.peer, event.content) : event.content
  if (event.kind === kind.feedback) return decodeFeedback(event, text, sealed)
  if (event.kind === kind.checkpoint) return { type: 'checkpoint', seq: sequence(event), text }
  if (event.kind === streamKind(job)) return decodeStream(event, text)
  if (event.kind === resultKind(job))
    return { type: 'result', output: parseOutput(job, parseJson(text)) as Record<string, unknown> }
  throw new Fault('invalid', `kind ${event.kind} answers no ${job.name}`)
}

function decodeFeedback(event: NostrEvent, text: string, sealed: boolean): JobAnswer {
  const [, status, detail = ''] = event.tags.find(([name]) => name === 'status') ?? []
  if (status === 'error') return decodeFailure(event, detail, sealed ? readSealed(text) : { text })
  const approval = tag(event, 'approval')
  const sameAs = tag(event, 'same-as')
  return {
    type: 'progress',
    phase: tag(event, 'phase') ?? detail,
    ...(approval === undefined ? {} : { approval }),
    ...(sameAs === undefined ? {} : { sameAs }),
  }
}

type Sealed = { message?: string; text: string }

function decodeFailure(event: NostrEvent, detail: string, { message, text }: Sealed): JobAnswer {
  const [word = '', ...rest] = detail.split(': ')
  const known = isFaultCode(word)
  return {
    type: 'failure',
    code: known ? word : 'internal',
    message: message ?? (known ? rest.join(': ') : detail),
    retry: tag(event, 'retryable') === 'true',
    text,
  }
}

function readSealed(plain: string): Sealed {
  const { message, text } = (parseJson(plain) ?? {}) as Partial<Record<keyof Sealed, unknown>>
  if (typeof message !== 'string' || typeof text !== 'string')
    throw new Fault('invalid', 'a sealed failure holds message and text')
  return { message, text }
}

function decodeStream(event: NostrEvent, text: string): JobAnswer {
  if (tag(event, 'c') !== 'status') return { type: 'delta', seq: sequence(event), text }
  const progress = Number(tag(event, 'progress') ?? 0)
  if (!(progress >= 0 && progress <= 1)) throw new Fault('invalid', 'progress is not a number from 0 to 1')
  return { type: 'step', phase: tag(event, 'phase') ?? '', progress }
}

function sequence(event: NostrEvent): number {
  const seq = onlyTag(event, 'seq')
  if (!/^\d{1,15}$/.test(seq)) throw new Fault('invalid', 'seq is not a whole number')
  return Number(seq)
}
