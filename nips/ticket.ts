import { z } from 'zod'
import { instanceShape } from './instance.ts'
import { healthShape } from './service.ts'

/**
 * How a worker hands a job to the broker: `POST /v1/jobs` with a ticket, answered by lines of JSON.
 * The signed events are the ticket; the broker opens them again, so a worker can neither invent a request nor a decision.
 */
const event = z.looseObject({ id: z.string(), pubkey: z.string(), kind: z.int(), content: z.string() })

export const ticketShape = z.strictObject({
  /** The request as its author signed it. */
  request: event,
  /** The decrypted parameters of an encrypted request; a decision's hash binds them where one is needed. */
  params: z.array(z.array(z.string())).optional(),
  /** The 5783 that was asked and the 6783 that approved it. */
  approval: event.optional(),
  decision: event.optional(),
})
export type Ticket = z.output<typeof ticketShape>

/** One line of the broker's answer. Every answer ends with exactly one `result` or `fault`. */
export const brokerLine = z.discriminatedUnion('type', [
  /** All text so far: the first line when a worker comes back to a job that runs already. */
  z.object({ type: z.literal('snapshot'), text: z.string() }),
  z.object({ type: z.literal('delta'), text: z.string() }),
  z.object({ type: z.literal('phase'), phase: z.string() }),
  z.object({ type: z.literal('step'), phase: z.string(), progress: z.number().min(0).max(1) }),
  /** Nothing new; the job is alive. */
  z.object({ type: z.literal('beat') }),
  z.object({ type: z.literal('result'), output: z.record(z.string(), z.json()) }),
  z.object({ type: z.literal('fault'), code: z.string(), message: z.string(), text: z.string() }),
])
export type BrokerLine = z.output<typeof brokerLine>

/** Milliseconds after which a silent broker counts as gone; it beats at a third of that. */
export const BROKER_SILENCE = 15_000

/** One line of `GET /v1/feed`: everything as it is, then every change. */
export const feedLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('instance'),
    id: z.string(),
    owner: z.string(),
    /** Grows with every change of this instance. */
    rev: z.int().nonnegative(),
    shown: instanceShape,
  }),
  z.object({ type: z.literal('health'), health: healthShape }),
  /** Every instance there is has been told. */
  z.object({ type: z.literal('complete') }),
  z.object({ type: z.literal('beat') }),
])
export type FeedLine = z.output<typeof feedLine>
