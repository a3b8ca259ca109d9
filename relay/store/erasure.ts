import { expiration, tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { isLasting, kind, storageOf } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'

/** NIP-01: replaceable and addressable events of one kind and author share a place under their `d`. Others have none. */
function placeOf(event: NostrEvent): string | undefined {
  const storage = storageOf(event.kind)
  if (storage === 'replaceable') return ''
  if (storage === 'addressable') return event.tags.find(([name]) => name === 'd')?.[1] ?? ''
  return undefined
}

/** NIP-01: `kind:pubkey:d` of an event that has a place. */
export function addressOf(event: NostrEvent): string | undefined {
  const place = placeOf(event)
  return place === undefined ? undefined : `${event.kind}:${event.pubkey}:${place}`
}

/** NIP-01: whether `a` is kept when both claim the same place: the newer one, at the same second the lower id. */
export const outranks = (a: NostrEvent, b: NostrEvent): boolean =>
  a.created_at > b.created_at || (a.created_at === b.created_at && a.id < b.id)

/** Who may take an event back: its author, and for a gift wrap whoever it was sent to (its author is a throw-away key). */
export const ownersOf = (event: NostrEvent): string[] =>
  event.kind === kind.giftWrap
    ? [event.pubkey, ...tagValues(event, 'p').filter((key) => isHex(key, 64))]
    : [event.pubkey]

const indelible: ReadonlySet<number> = new Set([kind.deletion, kind.vanish])

/** Deletions, requests to vanish, and the record of approvals and results stay, whoever names them. */
export const isDeletable = (target: NostrEvent): boolean => !indelible.has(target.kind) && !isLasting(target.kind)

/**
 * NIP-09: whether `deletion` takes `target` back. By id at any time; by address only versions up to the deletion's
 * own date.
 */
export function deletes(deletion: NostrEvent, target: NostrEvent): boolean {
  if (deletion.kind !== kind.deletion || !isDeletable(target)) return false
  if (!ownersOf(target).includes(deletion.pubkey)) return false
  if (tagValues(deletion, 'e').includes(target.id)) return true
  const address = addressOf(target)
  return (
    address !== undefined &&
    target.created_at <= deletion.created_at &&
    target.pubkey === deletion.pubkey &&
    tagValues(deletion, 'a').includes(address)
  )
}

/**
 * NIP-62: whether a request to vanish erases `target`: everything of its author up to its date, deletions included,
 * and the gift wraps sent to that key. Requests that do not name this relay never reach a store.
 */
export const erases = (vanish: NostrEvent, target: NostrEvent): boolean =>
  vanish.kind === kind.vanish &&
  vanish.id !== target.id &&
  target.created_at <= vanish.created_at &&
  ownersOf(target).includes(vanish.pubkey)

/** NIP-40, as the store keeps it. What erases other events has to outlive them, so it does not expire. */
export const expiresAt = (event: NostrEvent): number | undefined =>
  indelible.has(event.kind) ? undefined : expiration(event)
