import type { Setting } from '#nips/kit/settings'
import type { StrfryKey } from './keys.ts'

/** A setting of the relay: an environment variable, and the key of strfry.conf that says the same. */
export type Row<T> = Setting<T> & {
  readonly strfry?: StrfryKey
  /** strfry's value as the variable is written, where the two differ. */
  readonly fromStrfry?: (value: string) => string
  /** May change while the relay runs. */
  readonly reload?: true
}
export type Rows = Readonly<Record<string, Row<unknown>>>

/** Types one row without losing what `parse` returns. */
export const setting = <T>(row: Row<T>): Row<T> => row
