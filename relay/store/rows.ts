import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { bytesToHex, hexToBytes } from '#nips/kit/bytes'
import { expiresAt, placeOf } from './erasure.ts'
import type { Prepare } from './prepare.ts'
import type { Entry, Row, Usage } from './store.ts'
import { indexedTags, tagKey } from './tag-key.ts'

/** One event as the database holds it. */
export type Stored = { readonly seq: number; readonly json: string }

/** Rows taken in one go where a rule may reach very many. */
const MANY = 500

const all = (db: Prepare, sql: string, values: readonly unknown[]): Stored[] => db(sql).all(...values) as Stored[]

export const parse = ({ json }: Stored): NostrEvent => JSON.parse(json) as NostrEvent

export const byId = (db: Prepare, id: string): Stored | undefined =>
  all(db, 'SELECT seq, json FROM events WHERE id = ?', [hexToBytes(id)])[0]

/** The event that holds the place of this kind, author and `d`. */
export const byPlace = (db: Prepare, at: { kind: number; pubkey: string; place: string }): Stored | undefined =>
  all(db, 'SELECT seq, json FROM events WHERE kind = ? AND pubkey = ? AND place = ?', [
    at.kind,
    hexToBytes(at.pubkey),
    at.place,
  ])[0]

/** Requests to vanish of this key, dated `since` or later. */
export const vanishesBy = (db: Prepare, pubkey: string, since: number): Stored[] =>
  all(db, `SELECT seq, json FROM events WHERE pubkey = ? AND kind = ${kind.vanish} AND created_at >= ? LIMIT 1`, [
    hexToBytes(pubkey),
    since,
  ])

/** A deletion of this key, dated `since` or later, that names `value` in an `e` or `a` tag. */
export const deletionsBy = (
  db: Prepare,
  pubkey: string,
  [name, value, since]: [name: 'e' | 'a', value: string, since: number],
): Stored[] =>
  all(
    db,
    `SELECT e.seq, e.json FROM tags t CROSS JOIN events e ON e.seq = t.seq
     WHERE t.name = ? AND t.value = ? AND t.created_at >= ? AND e.kind = ${kind.deletion} AND e.pubkey = ? LIMIT 1`,
    [name, tagKey(value), since, hexToBytes(pubkey)],
  )

/** Some events of the author of a request to vanish that it erases; the request itself is not among them. */
export const ownUpTo = (db: Prepare, vanish: NostrEvent, seq: number): Stored[] =>
  all(db, `SELECT seq, json FROM events WHERE pubkey = ? AND created_at <= ? AND seq <> ? LIMIT ${MANY}`, [
    hexToBytes(vanish.pubkey),
    vanish.created_at,
    seq,
  ])

/** Some gift wraps sent to the author of a request to vanish that it erases. */
export const wrapsUpTo = (db: Prepare, vanish: NostrEvent): Stored[] =>
  all(
    db,
    `SELECT e.seq, e.json FROM tags t CROSS JOIN events e ON e.seq = t.seq
     WHERE t.name = 'p' AND t.value = ? AND t.created_at <= ? AND e.kind = ${kind.giftWrap} LIMIT ${MANY}`,
    [hexToBytes(vanish.pubkey), vanish.created_at],
  )

/** Some events that have expired. */
export const expiredBy = (db: Prepare, now: number): Stored[] =>
  all(db, `SELECT seq, json FROM events WHERE expires <= ? LIMIT ${MANY}`, [now])

/** The highest `seq`, 0 when there is none. */
export const newestSeq = (db: Prepare): number =>
  (db('SELECT coalesce(max(seq), 0) AS seq FROM events').get() as { seq: number }).seq

export function insert(db: Prepare, { event, json }: Entry, seq: number): void {
  db('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    seq,
    hexToBytes(event.id),
    hexToBytes(event.pubkey),
    event.created_at,
    event.kind,
    placeOf(event) ?? null,
    expiresAt(event) ?? null,
    json,
  )
  const statement = db('INSERT INTO tags VALUES (?, ?, ?, ?)')
  for (const [name, key] of indexedTags(event.tags)) statement.run(name, key, event.created_at, seq)
}

export function remove(db: Prepare, row: Stored): void {
  const { tags, created_at } = parse(row)
  const statement = db('DELETE FROM tags WHERE name = ? AND value = ? AND created_at = ? AND seq = ?')
  for (const [name, key] of indexedTags(tags)) statement.run(name, key, created_at, row.seq)
  db('DELETE FROM events WHERE seq = ?').run(row.seq)
}

/** Removes what `next` finds until it finds nothing, and says how many that were. */
export function removeAll(db: Prepare, next: () => Stored[]): number {
  let count = 0
  for (let batch = next(); batch.length > 0; batch = next()) {
    for (const row of batch) remove(db, row)
    count += batch.length
  }
  return count
}

/** Events in the order they arrived. */
export const arrivals = (db: Prepare, after: number, most: number): Row[] =>
  (
    db('SELECT seq, json, created_at AS createdAt, id FROM events WHERE seq > ? ORDER BY seq LIMIT ?').all(
      after,
      most,
    ) as (Omit<Row, 'id'> & { id: Uint8Array })[]
  ).map((row) => ({ ...row, id: bytesToHex(row.id) }))

export const usageOf = (db: Prepare, pubkey: string): Usage =>
  db(
    'SELECT count(*) AS events, coalesce(sum(length(CAST(json AS BLOB))), 0) AS bytes FROM events WHERE pubkey = ?',
  ).get(hexToBytes(pubkey)) as Usage

export const listed = (db: Prepare, name: string): [value: string, note: string][] =>
  (db('SELECT value, note FROM lists WHERE name = ?').all(name) as { value: string; note: string }[]).map(
    ({ value, note }) => [value, note],
  )

export function enter(
  db: Prepare,
  { name, value, note }: { name: string; value: string; note: string | undefined },
): void {
  if (note === undefined) db('DELETE FROM lists WHERE name = ? AND value = ?').run(name, value)
  else db('INSERT INTO lists VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note').run(name, value, note)
}
