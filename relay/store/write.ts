import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'
import { addressOf, deletes, isDeletable, outranks, ownersOf } from './erasure.ts'
import type { Standing } from './postings.ts'
import {
  addUsage,
  atPlace,
  byId,
  bySeq,
  hasVanished,
  type Index,
  isNamed,
  ownUpTo,
  parse,
  type Stored,
  seqOf,
  unindex,
  wrapsUpTo,
} from './rows.ts'
import type { PutResult, Usage } from './store.ts'
import { prefixOf } from './terms.ts'
import { forgetWords } from './words.ts'

/** One transaction's work on the events: what it added, what it took away, and whose account it changed. */
export type Changes = {
  readonly index: Index
  /** Whether an event may stand in the file's index. */
  readonly isIndexed: (seq: number) => boolean
  readonly added: number[]
  readonly removed: number[]
  /** Those of the removed that were not in the file's index yet. */
  readonly taken: Standing[]
  readonly usage: Map<string, Usage>
}

export const changesOn = (index: Index, isIndexed: (seq: number) => boolean): Changes => ({
  index,
  isIndexed,
  added: [],
  removed: [],
  taken: [],
  usage: new Map(),
})

/** Makes what is in memory as it was, when the transaction has come to nothing. */
export function undo({ index: { recent }, added, taken }: Changes): void {
  for (const standing of taken) recent.restore(standing)
  for (const seq of added) recent.take(seq)
}

export type Refusal = Exclude<PutResult['outcome'], 'stored'>

/** Puts one event under the number `seq`, by the rules of erasure.ts; gives what stands against it. */
export function putOne(changes: Changes, event: NostrEvent, { seq, json }: Stored): Refusal | undefined {
  const { index } = changes
  const address = addressOf(event)
  const rival = address === undefined ? undefined : atPlace(index, address)
  const refusal = refusalOf(index, event, { address, rival })
  if (refusal !== undefined) return refusal
  if (rival) take(changes, bySeq(index.sql, rival[0]))
  insert(changes, event, { seq, json })
  account(changes, event.pubkey, { events: 1, bytes: Buffer.byteLength(json) })
  if (event.kind === kind.deletion) applyDeletion(changes, event)
  if (event.kind === kind.vanish) applyVanish(changes, event, seq)
  return undefined
}

function insert({ index: { sql, recent }, added }: Changes, event: NostrEvent, { seq, json }: Stored): void {
  sql('INSERT INTO events VALUES (?, ?)').run(seq, json)
  recent.add(event, seq)
  added.push(seq)
}

type Placed = { readonly address: string | undefined; readonly rival: Standing | undefined }

function refusalOf(index: Index, event: NostrEvent, { address, rival }: Placed): Refusal | undefined {
  if (seqOf(index, event.id) !== undefined) return 'duplicate'
  const owners = ownersOf(event)
  if (owners.some((owner) => hasVanished(index, owner, event.created_at))) return 'vanished'
  if (owners.some((owner) => isNamed(index, owner, ['e', event.id, 0])) && isDeletable(event)) return 'deleted'
  if (address !== undefined && isNamed(index, event.pubkey, ['a', address, event.created_at]) && isDeletable(event))
    return 'deleted'
  return rival && isOutranked(index, event, rival) ? 'replaced' : undefined
}

function isOutranked({ sql }: Index, event: NostrEvent, [seq, age, prefix]: Standing): boolean {
  if (-age !== event.created_at) return -age > event.created_at
  if (prefix !== prefixOf(event.id)) return prefix < prefixOf(event.id)
  const rival = bySeq(sql, seq)
  return rival !== undefined && outranks(parse(rival), event)
}

function applyDeletion(changes: Changes, deletion: NostrEvent): void {
  const { index } = changes
  const named = tagValues(deletion, 'e').flatMap((id) => (isHex(id, 64) ? [byId(index, id)] : []))
  const placed = tagValues(deletion, 'a').map((address) => {
    const found = atPlace(index, address)
    return found && bySeq(index.sql, found[0])
  })
  const targets = new Map([...named, ...placed].flatMap((row) => (row ? [[row.seq, row] as const] : [])))
  for (const row of targets.values()) if (deletes(deletion, parse(row))) take(changes, row)
}

function applyVanish(changes: Changes, vanish: NostrEvent, seq: number): void {
  takeAll(changes, () => ownUpTo(changes.index, vanish, seq))
  takeAll(changes, () => wrapsUpTo(changes.index, vanish))
}

/** Takes what `next` finds until it finds nothing. */
function takeAll(changes: Changes, next: () => Stored[]): void {
  for (let rows = next(); rows.length > 0; rows = next()) for (const row of rows) take(changes, row)
}

/** Erases one event. */
export function take(changes: Changes, row: Stored | undefined): void {
  if (row === undefined) return
  const { sql, recent } = changes.index
  forgetWords(sql, row)
  if (changes.isIndexed(row.seq)) unindex(sql, row)
  sql('DELETE FROM events WHERE seq = ?').run(row.seq)
  const standing = recent.take(row.seq)
  if (standing) changes.taken.push(standing)
  changes.removed.push(row.seq)
  account(changes, parse(row).pubkey, { events: -1, bytes: -Buffer.byteLength(row.json) })
}

function account({ usage }: Changes, pubkey: string, { events, bytes }: Usage): void {
  const so = usage.get(pubkey) ?? { events: 0, bytes: 0 }
  usage.set(pubkey, { events: so.events + events, bytes: so.bytes + bytes })
}

/** Writes down whose account changed; the last thing of a transaction. */
export function settle({ index: { sql }, usage }: Changes): void {
  for (const [pubkey, change] of usage) if (change.events !== 0 || change.bytes !== 0) addUsage(sql, pubkey, change)
}
