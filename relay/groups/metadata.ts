import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { Fault } from '#nips/kit/fault'
import { decodeGroupMetadata } from '#nips/nip29'
import { type Book, type Group, isAdmin, isHidden } from './group.ts'

type Edit = { readonly event: NostrEvent; readonly group: Group; readonly book: Book }

/** The parts of a group that its metadata names: the hidden ones are kept, but not told. */
export const listedChildren = ({ children }: Group, { groups }: Book): string[] =>
  children.filter((id) => {
    const child = groups.get(id)
    return child !== undefined && !isHidden(child)
  })

/** The parent that a group's metadata names. */
export function listedParent({ metadata }: Group, { groups }: Book): string | undefined {
  const parent = groups.get(metadata.parent ?? '')
  return parent === undefined || isHidden(parent) ? undefined : parent.id
}

/** NIP-29's rules for subgroups: one parent that is here, led by the same key, and no cycle; all children or none. */
export function refuseMetadata(edit: Edit): Fault | undefined {
  const { event, group, book } = edit
  const parents = tagValues(event, 'parent').filter((id) => id !== '')
  if (parents.length > 1) return new Fault('invalid', 'a group has one parent at most')
  const [parent] = parents
  const fault = parent === undefined ? undefined : refuseParent(edit, parent)
  if (fault) return fault
  if (event.pubkey === book.self) return undefined
  const named = tagValues(event, 'child')
  const listed = new Set(listedChildren(group, book))
  const isWhole =
    named.length === listed.size && named.every((id) => listed.has(id)) && new Set(named).size === named.length
  return isWhole ? undefined : new Fault('invalid', 'name all children of the group in "child" tags, and no others')
}

function refuseParent({ event, group, book }: Edit, id: string): Fault | undefined {
  const parent = book.groups.get(id)
  const isOurs = event.pubkey === book.self
  if (parent === undefined || parent.isGone || (isHidden(parent) && !isOurs && !parent.members.has(event.pubkey)))
    return new Fault('not-found', 'the parent is no group here')
  if (!isOurs && !isAdmin(parent, event.pubkey))
    return new Fault('unauthorized', 'only an admin of the parent may do this')
  const seen = new Set<string>()
  for (let at: string | undefined = id; at !== undefined && !seen.has(at); at = book.groups.get(at)?.metadata.parent) {
    if (at === group.id) return new Fault('conflict', 'a group cannot be a part of itself')
    seen.add(at)
  }
  return undefined
}

/** Sets everything the event names and clears what it does not. */
export function editMetadata({ event, group, book }: Edit): void {
  const metadata = decodeGroupMetadata(event)
  const before = group.metadata.parent
  const hidden = group.children.filter((id) => !listedChildren(group, book).includes(id))
  group.metadata = metadata
  group.children = [...tagValues(event, 'child'), ...hidden]
  if (before === metadata.parent) return
  const old = book.groups.get(before ?? '')
  const parent = book.groups.get(metadata.parent ?? '')
  if (old) old.children = old.children.filter((id) => id !== group.id)
  if (parent) parent.children = [...parent.children.filter((id) => id !== group.id), group.id]
}

/** Takes a group out of the tree: its parts become roots. */
export function orphan(group: Group, { groups }: Book): void {
  const parent = groups.get(group.metadata.parent ?? '')
  if (parent) parent.children = parent.children.filter((id) => id !== group.id)
  for (const id of group.children) {
    const child = groups.get(id)
    if (child === undefined) continue
    const { parent: _gone, ...metadata } = child.metadata
    child.metadata = metadata
  }
}
