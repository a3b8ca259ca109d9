import type { JobAnswer } from './job-answers.ts'
import type { FaultCode } from './kit/fault.ts'

/** One job as everybody sees it who has read the same events, in whatever order they came. */
export type JobState = {
  readonly stage: 'asked' | 'accepted' | 'deciding' | 'running' | 'done' | 'failed'
  /** The phase within the contract's list, and how far it is from 0 to 1 where that is known. */
  readonly phase?: string
  readonly progress?: number
  /** The approval request it waits for. */
  readonly approval?: string
  /** The first job with the same `idem`, whose outcome this one repeats. */
  readonly sameAs?: string
  /** The text so far: only ever grows, until the text of a result replaces it. */
  readonly text: string
  /** The number of the next delta. */
  readonly next: number
  /** Deltas that came before their turn. */
  readonly early: ReadonlyMap<number, string>
  readonly output?: Readonly<Record<string, unknown>>
  readonly failure?: { readonly code: FaultCode; readonly message: string; readonly retry: boolean }
}

export const asked: JobState = { stage: 'asked', text: '', next: 0, early: new Map() }

export const isOver = (state: JobState): boolean => state.stage === 'done' || state.stage === 'failed'

/** Whether a delta is missing, so that the reader should ask for the checkpoint. */
export const hasGap = (state: JobState): boolean => state.early.size > 0

/** The fold shared by client and agents: late and doubled events are harmless. */
export function advance(state: JobState, answer: JobAnswer): JobState {
  if (isOver(state)) return state
  switch (answer.type) {
    case 'progress':
      return withPhase(state, answer)
    case 'step':
      return { ...state, stage: 'running', phase: answer.phase, progress: answer.progress }
    case 'delta':
      return withDelta(state, answer.seq, answer.text)
    case 'checkpoint':
      return withCheckpoint(state, answer.seq, answer.text)
    case 'result':
      return { ...state, stage: 'done', output: answer.output, text: textOf(answer) ?? state.text, early: new Map() }
    case 'failure': {
      const { code, message, retry, text } = answer
      return {
        ...state,
        stage: 'failed',
        failure: { code, message, retry },
        text: text.length > state.text.length ? text : state.text,
        early: new Map(),
      }
    }
  }
}

/** A job that streams text answers with all of it in the member `text`. */
function textOf({ output: { text } }: Extract<JobAnswer, { type: 'result' }>): string | undefined {
  return typeof text === 'string' ? text : undefined
}

/** What every job begins with, in order; a phase of its own comes after all of them. */
const beginnings: readonly { phase: string; stage: JobState['stage'] }[] = [
  { phase: 'accepted', stage: 'accepted' },
  { phase: 'approval-required', stage: 'deciding' },
  { phase: 'approved', stage: 'accepted' },
]

function placeOf(phase: string): number {
  const place = beginnings.findIndex((beginning) => beginning.phase === phase)
  return place === -1 ? beginnings.length : place
}

/** How far the job is: relays send what they have stored last line first, and all of it again after a cut. */
function reached({ stage, phase }: JobState): number {
  if (stage === 'running') return beginnings.length
  return phase === undefined ? -1 : placeOf(phase)
}

function withPhase(state: JobState, { phase, approval, sameAs }: Extract<JobAnswer, { type: 'progress' }>): JobState {
  const place = placeOf(phase)
  const behind = place < reached(state)
  const { progress: _done, ...rest } = state
  return {
    ...(behind || phase === state.phase ? state : rest),
    ...(behind ? {} : { stage: beginnings[place]?.stage ?? 'running', phase }),
    ...(approval === undefined ? {} : { approval }),
    ...(sameAs === undefined ? {} : { sameAs }),
  }
}

function withDelta(state: JobState, seq: number, text: string): JobState {
  if (seq < state.next) return state
  const early = new Map(state.early).set(seq, text)
  return drain({ ...state, stage: 'running', early })
}

function withCheckpoint(state: JobState, seq: number, text: string): JobState {
  if (seq < state.next) return state
  const early = new Map([...state.early].filter(([number]) => number > seq))
  return drain({ ...state, stage: 'running', text, next: seq + 1, early })
}

/** Appends every early delta whose turn has come. */
function drain(state: JobState): JobState {
  const early = new Map(state.early)
  let { text, next } = state
  for (let piece = early.get(next); piece !== undefined; piece = early.get(next)) {
    early.delete(next)
    text += piece
    next += 1
  }
  return { ...state, text, next, early }
}
