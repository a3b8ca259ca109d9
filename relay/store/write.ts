import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'
import { addressOf, deletes, outranks, ownersOf, placeOf } from './erasure.ts'
import type { Prepare } from './prepare.ts'
import {
  byId,
  byPlace,
  deletionsBy,
  insert,
  ownUpTo,
  parse,
  remove,
  removeAll,
  type Stored,
  vanishesBy,
  wrapsUpTo,
} from './rows.ts'
import type { Entry, PutResult } from './store.ts'

/** Puts one event under the number `seq`: the rules of erasure.ts, found through indices. The caller holds the transaction. */
export function putOne(db: Prepare, entry: Entry, seq: number): PutResult {
  const { event } = entry
  const rival = rivalOf(db, event)
  const refusal = refusalOf(db, event, rival)
  if (refusal !== undefined) return { outcome: refusal }
  if (rival) remove(db, rival)
  insert(db, entry, seq)
  if (event.kind === kind.deletion) applyDeletion(db, event)
  if (event.kind === kind.vanish) applyVanish(db, event, seq)
  return { outcome: 'stored', seq }
}

function refusalOf(
  db: Prepare,
  event: NostrEvent,
  rival: Stored | undefined,
): Exclude<PutResult['outcome'], 'stored'> | undefined {
  if (byId(db, event.id)) return 'duplicate'
  if (ownersOf(event).some((owner) => vanishesBy(db, owner, event.created_at).length > 0)) return 'vanished'
  if (isDeleted(db, event)) return 'deleted'
  return rival && outranks(parse(rival), event) ? 'replaced' : undefined
}

function isDeleted(db: Prepare, event: NostrEvent): boolean {
  const address = addressOf(event)
  const named = ownersOf(event).flatMap((owner) => deletionsBy(db, owner, ['e', event.id, 0]))
  const placed = address === undefined ? [] : deletionsBy(db, event.pubkey, ['a', address, event.created_at])
  return [...named, ...placed].some((row) => deletes(parse(row), event))
}

function rivalOf(db: Prepare, event: NostrEvent): Stored | undefined {
  const place = placeOf(event)
  return place === undefined ? undefined : byPlace(db, { ...event, place })
}

function applyDeletion(db: Prepare, deletion: NostrEvent): void {
  const named = tagValues(deletion, 'e').flatMap((id) => (isHex(id, 64) ? [byId(db, id)] : []))
  const placed = tagValues(deletion, 'a').map((address) => atAddress(db, address, deletion.pubkey))
  const targets = new Map([...named, ...placed].flatMap((row) => (row ? [[row.seq, row] as const] : [])))
  for (const row of targets.values()) if (deletes(deletion, parse(row))) remove(db, row)
}

function atAddress(db: Prepare, address: string, pubkey: string): Stored | undefined {
  const [, number, place] = /^(\d{1,5}):[0-9a-f]{64}:(.*)$/s.exec(address) ?? []
  return place === undefined ? undefined : byPlace(db, { kind: Number(number), pubkey, place })
}

function applyVanish(db: Prepare, vanish: NostrEvent, seq: number): void {
  removeAll(db, () => ownUpTo(db, vanish, seq))
  removeAll(db, () => wrapsUpTo(db, vanish))
}
