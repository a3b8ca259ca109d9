import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { hexToBytes } from '#nips/kit/bytes'
import type { Sql } from './database.ts'
import { type Posting, postingsOf } from './postings.ts'
import type { Row, Usage } from './store.ts'
import { authorKindTerm, authorTerm, deletionTerm, expiring, idTerm, placeTerm, type Term, tagTerm } from './terms.ts'

/** One event as the log holds it. */
export type Stored = { readonly seq: number; readonly json: string }
/** Where one stands under a term. */
export type Standing = { readonly seq: number; readonly createdAt: number; readonly prefix: number }

/** Rows taken in one go where a rule may reach very many. */
const MANY = 500
/** Rows of the index that one statement writes at most. */
const MOST_ROWS = 64

export const parse = ({ json }: Stored): NostrEvent => JSON.parse(json) as NostrEvent

export function bySeq(sql: Sql, seq: number): Stored | undefined {
  const row = sql('SELECT json FROM events WHERE seq = ?').get(seq) as [json: string] | undefined
  return row && { seq, json: row[0] }
}

function standing(sql: Sql, term: Term): Standing | undefined {
  const row = sql('SELECT seq, age, prefix FROM postings WHERE term = ? LIMIT 1').get(term)
  if (row === undefined) return undefined
  const [seq, age, prefix] = row as [number, number, number]
  return { seq, createdAt: -age, prefix }
}

export const seqOf = (sql: Sql, id: string): number | undefined => standing(sql, idTerm(id))?.seq

export function byId(sql: Sql, id: string): Stored | undefined {
  const seq = seqOf(sql, id)
  return seq === undefined ? undefined : bySeq(sql, seq)
}

/** The event that holds the place of `kind:pubkey:d`. */
export const atPlace = (sql: Sql, address: string): Standing | undefined => standing(sql, placeTerm(address))

const hasSince = (sql: Sql, term: Term, since: number): boolean =>
  sql('SELECT 1 FROM postings WHERE term = ? AND age <= ? LIMIT 1').get(term, -since) !== undefined

/** Whether there is a request to vanish of this key, dated `since` or later. */
export const hasVanished = (sql: Sql, pubkey: string, since: number): boolean =>
  hasSince(sql, authorKindTerm(pubkey, kind.vanish), since)

/** Whether a deletion of this key, dated `since` or later, names `value` in an `e` or `a` tag. */
export const isNamed = (
  sql: Sql,
  pubkey: string,
  [name, value, since]: [name: 'e' | 'a', value: string, since: number],
): boolean => hasSince(sql, deletionTerm(name, pubkey, value), since)

const under = (sql: Sql, condition: string, values: readonly unknown[]): Stored[] =>
  (
    sql(
      `SELECT e.seq, e.json FROM postings p CROSS JOIN events e ON e.seq = p.seq WHERE p.term = ? AND ${condition} LIMIT ${MANY}`,
    ).all(...values) as [seq: number, json: string][]
  ).map(([seq, json]) => ({ seq, json }))

/** Some events of the author of a request to vanish that it erases; the request itself is not among them. */
export const ownUpTo = (sql: Sql, vanish: NostrEvent, seq: number): Stored[] =>
  under(sql, 'p.age >= ? AND p.seq <> ?', [authorTerm(vanish.pubkey), -vanish.created_at, seq])

/** Some gift wraps sent to the author of a request to vanish that it erases. */
export const wrapsUpTo = (sql: Sql, vanish: NostrEvent): Stored[] =>
  under(sql, `p.age >= ? AND p.kind = ${kind.giftWrap}`, [tagTerm('p', vanish.pubkey), -vanish.created_at])

/** Some events that have expired. */
export const expiredBy = (sql: Sql, now: number): Stored[] => under(sql, 'p.age <= ?', [expiring, now])

export function insert(sql: Sql, { seq, json }: Stored, event: NostrEvent): void {
  sql('INSERT INTO events VALUES (?, ?)').run(seq, json)
  insertPostings(sql, postingsOf(event, seq))
}

function insertPostings(sql: Sql, postings: readonly Posting[]): void {
  for (let at = 0; at < postings.length; at += MOST_ROWS) {
    const rows = postings.slice(at, at + MOST_ROWS)
    sql(`INSERT INTO postings VALUES ${Array(rows.length).fill('(?, ?, ?, ?, ?, ?)').join(', ')}`).run(...rows.flat())
  }
}

export function remove(sql: Sql, row: Stored): void {
  const statement = sql('DELETE FROM postings WHERE term = ? AND age = ? AND prefix = ? AND seq = ?')
  for (const [term, age, prefix] of postingsOf(parse(row), row.seq)) statement.run(term, age, prefix, row.seq)
  sql('DELETE FROM events WHERE seq = ?').run(row.seq)
}

/** A number that outlives the process, 0 until it is set. */
export const mark = (sql: Sql, name: string): number =>
  (sql('SELECT number FROM marks WHERE name = ?').get(name) as [number] | undefined)?.[0] ?? 0

export const setMark = (sql: Sql, name: string, number: number): unknown =>
  sql('INSERT INTO marks VALUES (?, ?) ON CONFLICT DO UPDATE SET number = excluded.number').run(name, number)

/** Events in the order they arrived. */
export const arrivals = (sql: Sql, after: number, most: number): Row[] =>
  (
    sql('SELECT seq, json FROM events WHERE seq > ? ORDER BY seq LIMIT ?').all(after, most) as [
      seq: number,
      json: string,
    ][]
  ).map(([seq, json]) => {
    const { id, created_at } = JSON.parse(json) as NostrEvent
    return { seq, json, createdAt: created_at, id }
  })

export function usageOf(sql: Sql, pubkey: string): Usage {
  const row = sql('SELECT events, bytes FROM usage WHERE pubkey = ?').get(hexToBytes(pubkey))
  const [events, bytes] = (row ?? [0, 0]) as [number, number]
  return { events, bytes }
}

/** Adds to what a key has stored, or takes from it. */
export const addUsage = (sql: Sql, pubkey: string, { events, bytes }: Usage): unknown =>
  sql(
    'INSERT INTO usage VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes',
  ).run(hexToBytes(pubkey), events, bytes)

export const listed = (sql: Sql, name: string): [value: string, note: string][] =>
  sql('SELECT value, note FROM lists WHERE name = ?').all(name) as [string, string][]

export function enter(
  sql: Sql,
  { name, value, note }: { name: string; value: string; note: string | undefined },
): void {
  if (note === undefined) sql('DELETE FROM lists WHERE name = ? AND value = ?').run(name, value)
  else sql('INSERT INTO lists VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note').run(name, value, note)
}
