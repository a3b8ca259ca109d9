import type { CallableName } from '#nips/jobs/index'
import type { NostrEvent } from '#nips/keys'
import type { ErrorView } from '../model.ts'

/** Something this browser wants on the relay. It is kept until the relay has it, or a person discards it. */
export type Draft = {
  /** Also the `idem` of a job's request: signing again does not run it again. */
  id: string
  owner: string
  service: string
  at: number
  /** A job to ask for; signed when its turn comes, so that the request is fresh. */
  job?: { name: CallableName; input: Record<string, unknown> }
  /** The draft of the provision job whose gateway this message is for. */
  after?: string
  /** What is sent, as soon as it is signed; the same event until the relay has it or it is too old to run. */
  event?: NostrEvent
  error?: ErrorView
}

/** Seconds after which a signed request is signed anew: it would be refused as too old soon. */
const STALE = 480

export const isStale = (draft: Draft, now: number): boolean =>
  draft.job !== undefined && draft.event !== undefined && now - draft.event.created_at > STALE
