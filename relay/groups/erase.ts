import type { NostrEvent } from '#nips/keys'
import { groupKind, groupOf, isGroupAction, stateKinds } from '#nips/nip29'
import { allOf } from '../all-of.ts'
import type { Store } from '../store/store.ts'
import type { Book } from './group.ts'

/** Events erased in one transaction. */
const ERASED = 100

/** Erases what was written to a group and what the relay said about it; that it was deleted stays. */
export async function eraseGroup(store: Store, id: string, now: number): Promise<void> {
  await eraseAll(store, allOf(store, { tags: new Map([['h', new Set([id])]]) }, now))
  await eraseAll(store, allOf(store, { kinds: new Set(stateKinds), tags: new Map([['d', new Set([id])]]) }, now))
}

async function eraseAll(store: Store, rows: AsyncIterable<{ id: string; json: string }>): Promise<void> {
  let ids: string[] = []
  for await (const { id, json } of rows) {
    if ((JSON.parse(json) as NostrEvent).kind !== groupKind.deleteGroup) ids.push(id)
    if (ids.length < ERASED) continue
    await store.erase(ids)
    ids = []
  }
  if (ids.length > 0) await store.erase(ids)
}

/**
 * Erases what moderators took out of their groups, and says so. Events of other places stay, and so does the
 * moderation itself.
 */
export async function eraseTaken(store: Store, { groups }: Book, ids: readonly string[]): Promise<true> {
  const found = await Promise.all(ids.map((id) => store.get(id)))
  const taken = found.flatMap((event) => {
    const isTaken = event !== undefined && groups.get(groupOf(event) ?? '')?.deleted.has(event.id)
    return isTaken && !isGroupAction(event.kind) ? [event.id] : []
  })
  if (taken.length > 0) await store.erase(taken)
  return true
}
