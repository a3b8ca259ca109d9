import type { NostrEvent } from '#nips/keys'
import { expiresAt } from './erasure.ts'
import { prefixOf } from './terms.ts'

/**
 * What the index knows of an event: where it stands (its date with the sign turned, then the head of its id), and
 * what is asked of it without looking at its text.
 */
export type Standing = readonly [seq: number, age: number, prefix: number, kind: number, expires?: number | null]

export const standingOf = (event: NostrEvent, seq: number): Standing => [
  seq,
  -event.created_at,
  prefixOf(event.id),
  event.kind,
  expiresAt(event) ?? null,
]

/** Sorts as NIP-01 does, as far as the index knows. */
export const byPlace = (a: Standing, b: Standing): number => a[1] - b[1] || a[2] - b[2] || a[0] - b[0]

/** Where an event stands under `expiring`. */
export const expiryOf = ([seq, , prefix, kind, expires]: Standing): Standing | undefined =>
  typeof expires === 'number' ? [seq, expires, prefix, kind, expires] : undefined
