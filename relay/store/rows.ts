import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { hexToBytes } from '#nips/kit/bytes'
import type { Sql } from './database.ts'
import { expiryOf, type Standing, standingOf } from './postings.ts'
import type { Recent } from './recent.ts'
import type { Row, Usage } from './store.ts'
import {
  authorKindTerm,
  authorTerm,
  bytesOf,
  deletionTerm,
  expiring,
  idTerm,
  placeTerm,
  type Term,
  tagTerm,
  termsOf,
} from './terms.ts'

/** One event as the log holds it. */
export type Stored = { readonly seq: number; readonly json: string }
/** Where events are found: the file's index, and what is not in it yet. */
export type Index = { readonly sql: Sql; readonly recent: Recent }

/** Rows taken in one go where a rule may reach very many. */
const MANY = 500

export const parse = ({ json }: Pick<Stored, 'json'>): NostrEvent => JSON.parse(json) as NostrEvent

export function bySeq(sql: Sql, seq: number): Stored | undefined {
  const row = sql('SELECT json FROM events WHERE seq = ?').get(seq) as [json: string] | undefined
  return row && { seq, json: row[0] }
}

const COLUMNS = 'seq, age, prefix, kind'

/** The first of those under a term that fit; `sqlFits` says the same in SQL, with `value` bound. */
function firstUnder({ sql, recent }: Index, term: Term, fits?: Fits): Standing | undefined {
  for (const list of recent.under(term)) {
    const found = list.findLast((one) => recent.has(one) && (fits?.here(one) ?? true))
    if (found) return found
  }
  const condition = fits ? `AND ${fits.there}` : ''
  const values = fits ? [bytesOf(term), fits.value] : [bytesOf(term)]
  const row = sql(`SELECT ${COLUMNS} FROM postings WHERE term = ? ${condition} LIMIT 1`).get(...values)
  return row as Standing | undefined
}
type Fits = {
  readonly here: (one: Standing) => boolean
  readonly there: string
  readonly value: number
}

const datedSince = (since: number): Fits => ({ here: ([, age]) => age <= -since, there: 'age <= ?', value: -since })

export const seqOf = (index: Index, id: string): number | undefined => firstUnder(index, idTerm(id))?.[0]

export function byId(index: Index, id: string): Stored | undefined {
  const seq = seqOf(index, id)
  return seq === undefined ? undefined : bySeq(index.sql, seq)
}

/** The event that holds the place of `kind:pubkey:d`. */
export const atPlace = (index: Index, address: string): Standing | undefined => firstUnder(index, placeTerm(address))

/** Whether there is a request to vanish of this key, dated `since` or later. */
export const hasVanished = (index: Index, pubkey: string, since: number): boolean =>
  firstUnder(index, authorKindTerm(pubkey, kind.vanish), datedSince(since)) !== undefined

/** Whether a deletion of this key, dated `since` or later, names `value` in an `e` or `a` tag. */
export const isNamed = (
  index: Index,
  pubkey: string,
  [name, value, since]: [name: 'e' | 'a', value: string, since: number],
): boolean => firstUnder(index, deletionTerm(name, pubkey, value), datedSince(since)) !== undefined

/** Some of those under a term that fit. */
function manyUnder({ sql, recent }: Index, term: Term, { here, there, value }: Fits): Stored[] {
  const near = recent.under(term).flatMap((list) => list.filter((one) => recent.has(one) && here(one)))
  const far = sql(`SELECT seq FROM postings WHERE term = ? AND ${there} LIMIT ${MANY}`).all(bytesOf(term), value)
  return storedAt(sql, [...near, ...(far as [number][])])
}

const storedAt = (sql: Sql, rows: readonly (readonly [seq: number, ...rest: unknown[]])[]): Stored[] =>
  [...new Set(rows.slice(0, MANY).map(([seq]) => seq))].flatMap((seq) => bySeq(sql, seq) ?? [])

const datedUpTo = (date: number): Fits => ({ here: ([, age]) => age >= -date, there: 'age >= ?', value: -date })

/** Some events of the author of a request to vanish that it erases; the request itself is not among them. */
export function ownUpTo(index: Index, vanish: NostrEvent, seq: number): Stored[] {
  const { here, there, value } = datedUpTo(vanish.created_at)
  return manyUnder(index, authorTerm(vanish.pubkey), {
    here: (one) => one[0] !== seq && here(one),
    there: `seq <> ${seq} AND ${there}`,
    value,
  })
}

/** Some gift wraps sent to the author of a request to vanish that it erases. */
export function wrapsUpTo(index: Index, vanish: NostrEvent): Stored[] {
  const { here, there, value } = datedUpTo(vanish.created_at)
  return manyUnder(index, tagTerm('p', vanish.pubkey), {
    here: (one) => one[3] === kind.giftWrap && here(one),
    there: `kind = ${kind.giftWrap} AND ${there}`,
    value,
  })
}

/** Some events that have expired. */
export function expiredBy({ sql, recent }: Index, now: number): Stored[] {
  const near = [...recent.all()].filter(([, , , , expires]) => typeof expires === 'number' && expires <= now)
  const far = sql(`SELECT seq FROM postings WHERE term = ? AND age <= ? LIMIT ${MANY}`).all(bytesOf(expiring), now)
  return storedAt(sql, [...near, ...(far as [number][])])
}

/** Takes an event out of the file's index; rows that are not there do not matter. */
export function unindex(sql: Sql, row: Stored): void {
  const event = parse(row)
  const standing = standingOf(event, row.seq)
  const statement = sql('DELETE FROM postings WHERE term = ? AND age = ? AND prefix = ? AND seq = ?')
  const [seq, age, prefix] = standing
  for (const term of termsOf(event)) statement.run(bytesOf(term), age, prefix, seq)
  const expiry = expiryOf(standing)
  if (expiry) statement.run(bytesOf(expiring), expiry[1], prefix, seq)
}

/** Events in the order they arrived. */
export const arrivals = (sql: Sql, after: number, most: number): Row[] =>
  (
    sql('SELECT seq, json FROM events WHERE seq > ? ORDER BY seq LIMIT ?').all(after, most) as [
      seq: number,
      json: string,
    ][]
  ).map(([seq, json]) => {
    const { id, created_at } = parse({ json })
    return { seq, json, createdAt: created_at, id }
  })

/** Takes the events behind `after`, up to `upTo`, into what is not in the index yet. */
export function recall({ sql, recent }: Index, after: number, upTo: number): void {
  const rows = sql('SELECT seq, json FROM events WHERE seq > ? AND seq <= ? ORDER BY seq').all(after, upTo)
  for (const [seq, json] of rows as [number, string][]) recent.add(parse({ json }), seq)
}

/** Takes out what others have erased, among the events behind `after`; gives their numbers. */
export function forgetErased({ sql, recent }: Index, after: number): number[] {
  const rows = sql('SELECT seq FROM events WHERE seq > ?').all(after) as [number][]
  const there = new Set(rows.map(([seq]) => seq))
  const gone = [...recent.all()].flatMap(([seq]) => (seq > after && !there.has(seq) ? [seq] : []))
  for (const seq of gone) recent.take(seq)
  return gone
}

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
