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
  return isPartOf(parent, group.id, book) ? new Fault('conflict', 'a group cannot be a part of itself') : undefined
}

/** Whether a group is another one or stands somewhere below it. */
function isPartOf(group: Group, id: string, { groups }: Book): boolean {
  const seen = new Set<string>()
  for (
    let at: Group | undefined = group;
    at !== undefined && !seen.has(at.id);
    at = groups.get(at.metadata.parent ?? '')
  ) {
    if (at.id === id) return true
    seen.add(at.id)
  }
  return false
}

/**
 * Sets everything the event names and clears what it does not. A parent that is gone by now is not set, and children
 * that the event could not know of stay: the rules were asked before, by those who could still refuse.
 */
export function editMetadata({ event, group, book }: Edit): void {
  const { parent: named = '', ...metadata } = decodeGroupMetadata(event)
  const parent = book.groups.get(named)
  const isFit = parent !== undefined && !parent.isGone && !isPartOf(parent, group.id, book)
  moveTo(isFit ? parent : undefined, group, book)
  group.metadata = isFit ? { ...metadata, parent: named } : metadata
  const order = tagValues(event, 'child').filter((id) => group.children.includes(id))
  group.children = [...new Set([...order, ...group.children])]
}

function moveTo(parent: Group | undefined, group: Group, { groups }: Book): void {
  if (parent !== undefined && group.metadata.parent === parent.id) return
  const old = groups.get(group.metadata.parent ?? '')
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
