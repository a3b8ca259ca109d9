/** One line of JSON for one unit of work, written when it ends: `log('job.end', { id, ms, outcome })`. */
export type Log = (event: string, fields?: Record<string, unknown>) => void

/** A value that may be used but never printed: it shows as `[secret]` in logs, templates and JSON. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The one way to the value; call it where it is spent. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }
}

/** Writes log lines to `sink`; `now` gives seconds. An Error shows as its message and cause, never as `{}`. */
export function jsonLog(program: string, now: () => number, sink: (line: string) => void): Log {
  return (event, fields = {}) => {
    const plain = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, printable(value)]))
    const own = { t: now(), program, event }
    sink(JSON.stringify({ ...own, ...plain, ...own }))
  }
}

function printable(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return value.cause === undefined ? value.message : `${value.message} (${describe(value.cause)})`
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

export const silentLog: Log = () => undefined
