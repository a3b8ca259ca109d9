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
  /** The text so far: only ever grows, until the result replaces it. */
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
      return { ...state, stage: 'done', output: answer.output, early: new Map() }
    case 'failure': {
      const { code, message, retry, text } = answer
      return {
        ...state,
        stage: 'failed',
        failure: { code, message, retry },
        text: text || state.text,
        early: new Map(),
      }
    }
  }
}

const stages: Record<string, JobState['stage']> = {
  accepted: 'accepted',
  'approval-required': 'deciding',
  approved: 'accepted',
}
const order: JobState['stage'][] = ['asked', 'accepted', 'deciding', 'running', 'done', 'failed']

function withPhase(state: JobState, { phase, approval, sameAs }: Extract<JobAnswer, { type: 'progress' }>): JobState {
  const stage = stages[phase] ?? 'running'
  const behind = order.indexOf(stage) < order.indexOf(state.stage) && phase !== 'approved'
  const { progress: _done, ...rest } = state
  return {
    ...(phase === state.phase ? state : rest),
    ...(behind ? {} : { stage, phase }),
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
