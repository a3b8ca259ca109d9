import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { groupKind, groupOf, isGroupAction, stateKinds } from '#nips/nip29'
import { allOf } from '../all-of.ts'
import type { Store } from '../store/store.ts'
import type { Book } from './group.ts'

/** Events erased in one transaction. */
const ERASED = 100

/**
 * Erases what was written to a group and what the relay said about it. Last of all goes the word that deleted it, by
 * which the rest is found again after a crash.
 */
export async function eraseGroup(store: Store, id: string, now: number): Promise<void> {
  const there: Filter = { tags: new Map([['h', new Set([id])]]) }
  await eraseAll(store, allOf(store, there, now), ({ kind }) => kind !== groupKind.deleteGroup)
  await eraseAll(store, allOf(store, { kinds: new Set(stateKinds), tags: new Map([['d', new Set([id])]]) }, now))
  await eraseAll(store, allOf(store, { ...there, kinds: new Set([groupKind.deleteGroup]) }, now))
}

async function eraseAll(
  store: Store,
  rows: AsyncIterable<{ id: string; json: string }>,
  goes: (event: NostrEvent) => boolean = () => true,
): Promise<void> {
  let ids: string[] = []
  for await (const { id, json } of rows) {
    if (goes(JSON.parse(json) as NostrEvent)) ids.push(id)
    if (ids.length < ERASED) continue
    await store.erase(ids)
    ids = []
  }
  if (ids.length > 0) await store.erase(ids)
}

/** Erases what moderators took out of their groups. Events of other places stay, and so does the moderation itself. */
export async function eraseTaken(store: Store, { groups }: Book, ids: ReadonlySet<string>): Promise<void> {
  const found = await Promise.all([...ids].map((id) => store.get(id)))
  const taken = found.flatMap((event) => {
    const isTaken = event !== undefined && groups.get(groupOf(event) ?? '')?.deleted.has(event.id)
    return isTaken && !isGroupAction(event.kind) ? [event.id] : []
  })
  if (taken.length > 0) await store.erase(taken)
}
