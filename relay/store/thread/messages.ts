/** `write`: the one that changes the file. `read`: long questions that would keep the main thread. */
type Role = 'write' | 'read'

/** What a thread is started with; `generation` as in recent.ts. */
export type Opening = { readonly file: string; readonly role: Role; readonly generation: number }

export type Question = { readonly number: number; readonly job: string; readonly value: unknown }
/** What came of it; of an error only what can cross between threads. */
export type Answer =
  | { readonly number: number; readonly done: unknown }
  | { readonly number: number; readonly failed: { readonly message: string; readonly code: unknown } }

/** Things that can be asked for by name, each with one value. */
export type Jobs = Readonly<Record<string, (value: never) => unknown>>

/** Does the job; what it throws is an answer, too. */
export function answer(jobs: Jobs, { number, job, value }: Question): Answer {
  try {
    return { number, done: jobs[job]?.(value as never) }
  } catch (error) {
    const { message, code } = error as { message?: unknown; code?: unknown }
    return { number, failed: { message: String(message), code } }
  }
}
