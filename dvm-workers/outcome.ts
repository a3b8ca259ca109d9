import type { FaultCode } from '#nips/kit/fault'

/** How a job ended, as the job table keeps it: enough to answer every later request with the same `idem`. */
export type Outcome =
  | { ok: true; output: Record<string, unknown> }
  | { ok: false; code: FaultCode; message: string; text: string }
