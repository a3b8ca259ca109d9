import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'
import type { Sql } from './database.ts'
import { addressOf, deletes, isDeletable, outranks, ownersOf } from './erasure.ts'
import {
  addUsage,
  atPlace,
  byId,
  bySeq,
  hasVanished,
  insert,
  isNamed,
  ownUpTo,
  parse,
  remove,
  type Standing,
  type Stored,
  seqOf,
  wrapsUpTo,
} from './rows.ts'
import type { PutResult, Usage } from './store.ts'
import { prefixOf } from './terms.ts'
import { forgetWords } from './words.ts'

/** One transaction's work on the events: what it took away, and whose account it changed. */
export type Changes = {
  readonly sql: Sql
  readonly removed: number[]
  readonly usage: Map<string, Usage>
}

export const changesOn = (sql: Sql): Changes => ({ sql, removed: [], usage: new Map() })

export type Refusal = Exclude<PutResult['outcome'], 'stored'>

/** Puts one event under the number `seq`, by the rules of erasure.ts; gives what stands against it. */
export function putOne(changes: Changes, event: NostrEvent, { seq, json }: Stored): Refusal | undefined {
  const { sql } = changes
  const address = addressOf(event)
  const rival = address === undefined ? undefined : atPlace(sql, address)
  const refusal = refusalOf(sql, event, { address, rival })
  if (refusal !== undefined) return refusal
  if (rival) take(changes, bySeq(sql, rival.seq))
  insert(sql, { seq, json }, event)
  account(changes, event.pubkey, { events: 1, bytes: Buffer.byteLength(json) })
  if (event.kind === kind.deletion) applyDeletion(changes, event)
  if (event.kind === kind.vanish) applyVanish(changes, event, seq)
  return undefined
}

type Placed = { readonly address: string | undefined; readonly rival: Standing | undefined }

function refusalOf(sql: Sql, event: NostrEvent, { address, rival }: Placed): Refusal | undefined {
  if (seqOf(sql, event.id) !== undefined) return 'duplicate'
  const owners = ownersOf(event)
  if (owners.some((owner) => hasVanished(sql, owner, event.created_at))) return 'vanished'
  if (owners.some((owner) => isNamed(sql, owner, ['e', event.id, 0])) && isDeletable(event)) return 'deleted'
  if (address !== undefined && isNamed(sql, event.pubkey, ['a', address, event.created_at]) && isDeletable(event))
    return 'deleted'
  return rival && isOutranked(sql, event, rival) ? 'replaced' : undefined
}

function isOutranked(sql: Sql, event: NostrEvent, { seq, createdAt, prefix }: Standing): boolean {
  if (createdAt !== event.created_at) return createdAt > event.created_at
  if (prefix !== prefixOf(event.id)) return prefix < prefixOf(event.id)
  const rival = bySeq(sql, seq)
  return rival !== undefined && outranks(parse(rival), event)
}

function applyDeletion(changes: Changes, deletion: NostrEvent): void {
  const { sql } = changes
  const named = tagValues(deletion, 'e').flatMap((id) => (isHex(id, 64) ? [byId(sql, id)] : []))
  const placed = tagValues(deletion, 'a').map((address) => {
    const found = atPlace(sql, address)
    return found && bySeq(sql, found.seq)
  })
  const targets = new Map([...named, ...placed].flatMap((row) => (row ? [[row.seq, row] as const] : [])))
  for (const row of targets.values()) if (deletes(deletion, parse(row))) take(changes, row)
}

function applyVanish(changes: Changes, vanish: NostrEvent, seq: number): void {
  takeAll(changes, () => ownUpTo(changes.sql, vanish, seq))
  takeAll(changes, () => wrapsUpTo(changes.sql, vanish))
}

/** Takes what `next` finds until it finds nothing. */
function takeAll(changes: Changes, next: () => Stored[]): void {
  for (let rows = next(); rows.length > 0; rows = next()) for (const row of rows) take(changes, row)
}

/** Erases one event. */
export function take(changes: Changes, row: Stored | undefined): void {
  if (row === undefined) return
  forgetWords(changes.sql, row)
  remove(changes.sql, row)
  changes.removed.push(row.seq)
  account(changes, parse(row).pubkey, { events: -1, bytes: -Buffer.byteLength(row.json) })
}

function account({ usage }: Changes, pubkey: string, { events, bytes }: Usage): void {
  const so = usage.get(pubkey) ?? { events: 0, bytes: 0 }
  usage.set(pubkey, { events: so.events + events, bytes: so.bytes + bytes })
}

/** Writes down whose account changed; the last thing of a transaction. */
export function settle({ sql, usage }: Changes): void {
  for (const [pubkey, change] of usage) if (change.events !== 0 || change.bytes !== 0) addUsage(sql, pubkey, change)
}
