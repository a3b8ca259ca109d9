import type { NostrEvent } from '#nips/keys'
import { expiresAt } from './erasure.ts'
import { expiring, prefixOf, type Term, termsOf } from './terms.ts'

/** One row of the index: where an event stands under one term, and what is asked of it without looking at its text. */
export type Posting = [term: Term, age: number, prefix: number, seq: number, kind: number, expires: number | null]

/** All rows of one event. */
export function postingsOf(event: NostrEvent, seq: number): Posting[] {
  const { kind } = event
  const expires = expiresAt(event) ?? null
  const [age, prefix] = [-event.created_at, prefixOf(event.id)]
  const postings = termsOf(event).map((term): Posting => [term, age, prefix, seq, kind, expires])
  if (expires !== null) postings.push([expiring, expires, prefix, seq, kind, expires])
  return postings
}
