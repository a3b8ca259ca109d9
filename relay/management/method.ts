import type { z } from 'zod'
import type { Store } from '../store/store.ts'
import type { Register } from './register.ts'
import type { Reported } from './reports.ts'
import type { Rulebook } from './rulebook.ts'

/** What a method may use of the relay. */
export type Office = {
  readonly rules: Rulebook
  readonly store: Store
  readonly register: Register
  /** Whether a key may run this relay; such a key cannot be shut out. */
  readonly isAdmin: (pubkey: string) => boolean
  /** The relay's own public key. */
  readonly self: string
  /** What was reported and whoever asks may read. */
  readonly reported: () => Promise<readonly Reported[]>
}

/** One thing an admin can ask for (NIP-86). */
export type Method = {
  readonly name: string
  /** Gives the result; throws a ZodError for parameters that do not fit, a Fault for what cannot be done. */
  call(params: readonly unknown[], office: Office): unknown
}

/** Types one row: what `run` gets is what `params` lets through. */
export const method = <P extends unknown[]>(
  name: string,
  params: z.ZodType<P>,
  run: (office: Office, ...params: P) => unknown,
): Method => ({ name, call: (raw, office) => run(office, ...params.parse(raw)) })
