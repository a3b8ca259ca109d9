/**
 * Every way we refuse or fail, once: what a relay says (`prefix`, NIP-01), what HTTP says (`status`),
 * whether trying again can help (`retry`), and what the reader should do next (`fix`).
 * The code is also the first word of a job's error (`["status","error","<code>: …"]`, nips/openclaw-jobs.md).
 */
export const faults = {
  invalid: { prefix: 'invalid', status: 400, retry: false, fix: 'Correct the request and send it again.' },
  unauthenticated: { prefix: 'auth-required', status: 401, retry: false, fix: 'Sign in with your key and try again.' },
  unauthorized: { prefix: 'restricted', status: 403, retry: false, fix: 'Use a key that may do this.' },
  'needs-approval': { prefix: 'restricted', status: 409, retry: false, fix: 'Sign the decision that was asked for.' },
  denied: { prefix: 'restricted', status: 403, retry: false, fix: 'Ask again if the answer should be another one.' },
  expired: { prefix: 'invalid', status: 410, retry: true, fix: 'Send a new request.' },
  cancelled: { prefix: 'blocked', status: 409, retry: true, fix: 'Send the request again when you want it.' },
  conflict: { prefix: 'blocked', status: 409, retry: false, fix: 'Use what exists already, or choose another name.' },
  duplicate: { prefix: 'duplicate', status: 409, retry: false, fix: 'It is done.' },
  'not-found': { prefix: 'invalid', status: 404, retry: false, fix: 'Check the id.' },
  'too-large': { prefix: 'invalid', status: 413, retry: false, fix: 'Send less at once.' },
  'rate-limited': { prefix: 'rate-limited', status: 429, retry: true, fix: 'Wait a little and try again.' },
  unavailable: { prefix: 'error', status: 503, retry: true, fix: 'Try again in a moment.' },
  interrupted: { prefix: 'error', status: 503, retry: true, fix: 'The text so far is kept. Try again.' },
  'not-ready': {
    prefix: 'error',
    status: 504,
    retry: true,
    fix: 'Try again; everything of the failed start was freed.',
  },
  'timed-out': { prefix: 'error', status: 504, retry: true, fix: 'It took too long and was given up. Try again.' },
  'model-auth': { prefix: 'error', status: 502, retry: true, fix: 'The operator has to check the key of the model.' },
  'model-empty': { prefix: 'error', status: 502, retry: true, fix: 'The model answered with nothing. Try again.' },
  'model-timeout': { prefix: 'error', status: 504, retry: true, fix: 'The model stopped answering. Try again.' },
  'model-rate': {
    prefix: 'rate-limited',
    status: 429,
    retry: true,
    fix: 'The model is busy. Wait a minute, try again.',
  },
  'model-error': { prefix: 'error', status: 502, retry: true, fix: 'The model failed. Try again.' },
  internal: { prefix: 'error', status: 500, retry: true, fix: 'Try again; if it stays, tell the operator.' },
} as const satisfies Record<string, FaultRow>

type FaultRow = { prefix: string; status: number; retry: boolean; fix: string }
export type FaultCode = keyof typeof faults

/** A refusal or failure with a code. Only the message of a Fault may reach the other side. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode

  constructor(code: FaultCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }

  /** The reason string NIP-01 wants in OK and CLOSED, for example `invalid: not an event`. */
  get reason(): string {
    return `${faults[this.code].prefix}: ${this.message}`
  }

  /** The HTTP status. */
  get status(): (typeof faults)[FaultCode]['status'] {
    return faults[this.code].status
  }

  get retry(): boolean {
    return faults[this.code].retry
  }

  /** One sentence: what to do next. */
  get fix(): string {
    return faults[this.code].fix
  }
}

export const isFaultCode = (word: string): word is FaultCode => Object.hasOwn(faults, word)

/** Whatever was thrown, as a Fault; anything that is not one becomes `internal` with its cause kept for the log. */
export function toFault(thrown: unknown): Fault {
  return thrown instanceof Fault ? thrown : new Fault('internal', 'internal error', thrown)
}
