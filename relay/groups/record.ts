import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import { groupKind, groupOf, isGroupAction } from '#nips/nip29'
import { type Action, actions, create, drop, isInvited, refuseCreation } from './actions.ts'
import { type Book, createGroup, type Group, graveOf, groupIn, isHidden, rightsOf } from './group.ts'
import { refuseMetadata } from './metadata.ts'

const actionOf = new Map(actions.map((action) => [action.kind, action]))

/** Who is shown an action where only members read. */
export const shownTo = (number: number): Action['shownTo'] => actionOf.get(number)?.shownTo ?? 'after'

const noGroup = (): Fault => new Fault('not-found', 'no such group')

/** Whether somebody is to be told about a group at all: a hidden one is there for its members and their guests. */
export const knows = (group: Group, event: NostrEvent, self: string): boolean =>
  !isHidden(group) ||
  event.pubkey === self ||
  group.members.has(event.pubkey) ||
  (event.kind === groupKind.join && isInvited(group, event))

/** Why an action is not taken, or nothing. */
export function refuseAction(event: NostrEvent, book: Book): Fault | undefined {
  const fault = refuseEffect(event, book)
  const namesOthers = event.kind === groupKind.editMetadata || event.kind === groupKind.createGroup
  if (fault || !namesOthers) return fault
  const group = groupIn(book, event) ?? createGroup(groupOf(event) ?? '', event.pubkey)
  return refuseMetadata({ event, group, book })
}

/**
 * Why an action has no effect on the groups as they are, or nothing. What it says about other groups is not asked,
 * since these may be erased when it is read again.
 */
function refuseEffect(event: NostrEvent, book: Book): Fault | undefined {
  if (event.tags.some(([name]) => name === 'expiration'))
    return new Fault('invalid', 'what changes a group does not expire')
  const id = groupOf(event)
  if (event.kind === groupKind.createGroup) return refuseCreation(event, id ?? '', book)
  const action = actionOf.get(event.kind)
  if (action === undefined) return new Fault('invalid', `kind ${event.kind} is no moderation of ours`)
  const group = groupIn(book, event)
  if (group === undefined || !knows(group, event, book.self)) return noGroup()
  if (!isAllowed(action, { event, group, self: book.self }))
    return new Fault(
      'unauthorized',
      `${action.name} is for ${action.by.map((role) => `${role}s`).join(' and ')} of the group`,
    )
  return action.refuse({ event, group, book })
}

function isAllowed({ by }: Action, { event, group, self }: { event: NostrEvent; group: Group; self: string }): boolean {
  if (by.includes('anyone') || event.pubkey === self) return true
  if (by.includes('member')) return group.members.has(event.pubkey)
  return rightsOf(group, event.pubkey).some((role) => by.includes(role))
}

/**
 * Folds one stored event into the groups and names those that are not what they were. Whatever has no right to
 * change them changes nothing, so that the order of arrival alone decides, each time anew.
 */
export function advance(book: Book, event: NostrEvent): ReadonlySet<string> {
  if (event.kind === kind.vanish) return forget(book, event.pubkey)
  if (isGrave(event, book)) return close(book, tagValues(event, 'x'))
  const id = groupOf(event)
  if (id === undefined || !isGroupAction(event.kind)) return new Set()
  if (refuseEffect(event, book)) return new Set([id])
  const before = relativesOf(book, id)
  if (event.kind === groupKind.createGroup) create(event, id, book)
  else {
    const group = groupIn(book, event)
    if (group) actionOf.get(event.kind)?.apply({ event, group, book })
  }
  if (event.kind !== groupKind.join && event.kind !== groupKind.leave) book.groups.get(id)?.moderators.add(event.pubkey)
  return new Set([id, ...before, ...relativesOf(book, id)])
}

/** Whether the relay says that a group is deleted, by the hash of its id. */
export const isGrave = ({ kind: own, pubkey }: NostrEvent, { self }: Book): boolean =>
  own === groupKind.deleteGroup && pubkey === self

function close({ groups, graves }: Book, hashes: readonly string[]): ReadonlySet<string> {
  for (const hash of hashes) graves.add(hash)
  const closed = [...groups.values()].filter(({ id }) => hashes.includes(graveOf(id)))
  for (const group of closed) group.isGone = true
  return new Set(closed.map(({ id }) => id))
}

/** NIP-62: whoever vanished is no member any more. */
function forget({ groups }: Book, pubkey: string): ReadonlySet<string> {
  const left = [...groups.values()].filter(({ members }) => members.has(pubkey))
  for (const group of left) {
    drop(group, pubkey)
    group.owed.set(pubkey, 'remove')
  }
  return new Set(left.map(({ id }) => id))
}

/** The groups whose metadata names this one. */
function relativesOf({ groups }: Book, id: string): string[] {
  const group = groups.get(id)
  return group === undefined ? [] : [...(group.metadata.parent ? [group.metadata.parent] : []), ...group.children]
}
