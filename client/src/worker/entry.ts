import { instanceIdOf } from '#nips/instance'
import type { JobContract } from '#nips/job'
import type { JobAnswer } from '#nips/job-answers'
import type { JobRequest } from '#nips/job-events'
import { advance, asked, isOver, type JobState } from '#nips/job-state'
import type { ErrorView, LineView, TaskView, TurnView } from '../model.ts'
import { errorOf, failureOf } from './errors.ts'

/** A request of mine and everything that was answered. */
export type Entry = {
  readonly id: string
  readonly job: JobContract
  readonly input: Readonly<Record<string, unknown>>
  readonly idem: string | undefined
  readonly at: number
  /** Whether the relay has it. */
  readonly there: boolean
  readonly state: JobState
  readonly lines: readonly LineView[]
  readonly endedAt?: number
}

export const entryOf = ({ event, job, input, idem }: JobRequest, there: boolean): Entry => ({
  id: event.id,
  job,
  input,
  idem,
  at: event.created_at,
  there,
  state: asked,
  lines: [{ phase: 'asked', label: 'Sending the request', at: event.created_at }],
})

/** The fold: one answer, heard at `at`. */
export function follow(entry: Entry, answer: JobAnswer, at: number): Entry {
  if (isOver(entry.state)) return entry
  const state = advance(entry.state, answer)
  const lines = linesAfter(entry, answer, at)
  return isOver(state) ? { ...entry, state, lines: closed(lines, at), endedAt: at } : { ...entry, state, lines }
}

const general: Readonly<Record<string, string>> = {
  accepted: 'The service has your request',
  'approval-required': 'Asking for your decision',
  approved: 'Confirmed by you',
}

function linesAfter({ job, lines }: Entry, answer: JobAnswer, at: number): readonly LineView[] {
  if (answer.type !== 'progress' && answer.type !== 'step') return lines
  const { phase } = answer
  const progress = answer.type === 'step' ? { progress: answer.progress } : {}
  const known = lines.findIndex((line) => line.phase === phase)
  const line = lines[known]
  if (line !== undefined) return line.until === undefined ? lines.with(known, { ...line, ...progress }) : lines
  const label = job.phases[phase] ?? general[phase]
  if (label === undefined) return lines
  return [...closed(lines, at), { phase, label, at, ...progress }]
}

const closed = (lines: readonly LineView[], at: number): readonly LineView[] =>
  lines.map((line) => (line.until === undefined ? { ...line, until: Math.max(at, line.at) } : line))

/** Seconds a request may stay unanswered, and a running job silent past its deadline. */
const UNANSWERED = 600
const GRACE = 120

/** Why a job that never ended will not end any more; `undefined` while it may. */
export function overdue({ state, at, job }: Entry, now: number): ErrorView | undefined {
  if (isOver(state)) return undefined
  if (state.stage === 'asked' && now > at + UNANSWERED)
    return failureOf('expired', 'the service did not take this request in time')
  if (now > at + UNANSWERED + job.deadline + GRACE) return failureOf('interrupted', 'the service stopped answering')
  return undefined
}

function errorIn(entry: Entry, now: number): ErrorView | undefined {
  const { failure } = entry.state
  return failure === undefined ? overdue(entry, now) : errorOf(failure)
}

export const turnIdOf = (entry: Entry): string => entry.idem ?? entry.id

/** A chat request as a turn of its thread. */
export function turnOf(entry: Entry, now: number): TurnView {
  const { state, input, at } = entry
  const error = errorIn(entry, now)
  const output = state.output as { text: string; model: string } | undefined
  const stage = turnStage(state, error)
  return {
    id: turnIdOf(entry),
    instance: String(input.instance),
    thread: String(input.thread),
    at,
    text: String(input.text),
    sent: state.stage !== 'asked' ? 'delivered' : entry.there ? 'sent' : 'queued',
    stage,
    answer: output?.text ?? state.text,
    ...(error === undefined || stage === 'stopped' ? {} : { error }),
    ...(output === undefined ? {} : { model: output.model }),
  }
}

function turnStage(state: JobState, error: ErrorView | undefined): TurnView['stage'] {
  if (state.stage === 'done') return 'done'
  if (error !== undefined) return error.code === 'cancelled' ? 'stopped' : 'failed'
  if (state.text !== '') return 'writing'
  return state.stage === 'running' ? 'thinking' : 'waiting'
}

/** A provision or delete request as its lines of progress. */
export function taskOf(entry: Entry, now: number): TaskView {
  const { state, input, lines, job, endedAt, at } = entry
  const error = errorIn(entry, now)
  const output = state.output as { slug?: string; seconds?: number } | undefined
  const seconds = output?.seconds ?? (endedAt === undefined ? undefined : endedAt - at)
  return {
    id: turnIdOf(entry),
    type: job.name === 'instance.provision' ? 'provision' : 'delete',
    slug: output?.slug ?? String(input.slug ?? ''),
    instance: gatewayOf(entry),
    at,
    stage: state.stage === 'done' ? 'done' : error === undefined ? 'running' : 'failed',
    lines: [...lines],
    ...(seconds === undefined ? {} : { seconds }),
    ...(error === undefined ? {} : { error }),
  }
}

/** The gateway a task is about: the one it names, or the one its request makes. */
function gatewayOf({ id, input, state }: Entry): string {
  const named = state.output?.instance ?? input.instance
  return typeof named === 'string' ? named : instanceIdOf(state.sameAs ?? id)
}
