import { tag, tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { isHex } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { decodeInvites, groupKind, isGroupId, namedUsers } from '#nips/nip29'
import { type Book, createGroup, type Group, graveOf, hasRights, isAdmin, type Role } from './group.ts'
import { editMetadata, orphan } from './metadata.ts'

/** One event and the group it speaks to. */
type Case = { readonly event: NostrEvent; readonly group: Group; readonly book: Book }

/** One thing that can be done to a group. */
export type Action = {
  readonly kind: number
  readonly name: string
  /** Whose word counts beside the relay's own. */
  readonly by: readonly (Role | 'member' | 'anyone')[]
  /** Who is shown the event where only members read: those who were members before it, or after. */
  readonly shownTo: 'before' | 'after'
  readonly refuse: (on: Case) => Fault | undefined
  readonly apply: (on: Case) => void
}

/** Most codes that are good at a time, most pins, most labels of one member, characters of one label or code. */
const MOST = { invites: 200, pins: 50, labels: 8, length: 64 } as const

/** Everything that changes a group. A group is what these make of its events, in the order they arrived. */
export const actions: readonly Action[] = [
  {
    kind: groupKind.putUser,
    name: 'put-user',
    by: ['admin', 'moderator'],
    shownTo: 'after',
    refuse: refusePut,
    apply: ({ event, group, book }) => {
      for (const [pubkey, labels] of namedUsers(event)) {
        date(group, pubkey, event)
        if (event.pubkey !== book.self || !isSaid(group, pubkey, 'put')) put(group, pubkey, labels)
      }
    },
  },
  {
    kind: groupKind.removeUser,
    name: 'remove-user',
    by: ['admin', 'moderator'],
    shownTo: 'before',
    refuse: (on) => refuseUsers(on) ?? refuseLastAdmin(on, new Set(tagValues(on.event, 'p'))),
    apply: ({ event, group, book }) => {
      for (const pubkey of tagValues(event, 'p')) {
        date(group, pubkey, event)
        if (event.pubkey !== book.self || !isSaid(group, pubkey, 'remove')) drop(group, pubkey)
      }
    },
  },
  {
    kind: groupKind.editMetadata,
    name: 'edit-metadata',
    by: ['admin'],
    shownTo: 'after',
    refuse: () => undefined,
    apply: editMetadata,
  },
  {
    kind: groupKind.deleteEvent,
    name: 'delete-event',
    by: ['admin', 'moderator'],
    shownTo: 'after',
    refuse: ({ event }) => {
      const ids = tagValues(event, 'e')
      return ids.length > 0 && ids.every((id) => isHex(id, 64))
        ? undefined
        : lacks('an "e" tag with the id of an event')
    },
    apply: ({ event, group }) => {
      for (const id of tagValues(event, 'e')) group.deleted.add(id)
    },
  },
  {
    kind: groupKind.deleteGroup,
    name: 'delete-group',
    by: ['admin'],
    shownTo: 'before',
    refuse: () => undefined,
    apply: ({ group, book }) => {
      orphan(group, book)
      bury(group.id, book)
    },
  },
  {
    kind: groupKind.createInvite,
    name: 'create-invite',
    by: ['admin', 'moderator'],
    shownTo: 'after',
    refuse: refuseInvite,
    apply: ({ event, group }) => {
      for (const { code, uses } of decodeInvites(event))
        if (uses === 0) group.invites.delete(code)
        else group.invites.set(code, uses)
    },
  },
  {
    kind: groupKind.updatePins,
    name: 'update-pin-list',
    by: ['admin', 'moderator'],
    shownTo: 'after',
    refuse: ({ event }) => {
      const pins = pinsOf(event)
      if (pins.length > MOST.pins) return new Fault('too-large', `at most ${MOST.pins} pins`)
      return pins.every(isPin) ? undefined : lacks('"e" tags with ids and "a" tags with addresses only')
    },
    apply: ({ event, group }) => {
      group.pins = pinsOf(event).map(([name = '', value = '']) => [name, value])
    },
  },
  {
    kind: groupKind.join,
    name: 'join',
    by: ['anyone'],
    shownTo: 'after',
    refuse: refuseJoin,
    apply: ({ event, group }) => {
      spend(group, event)
      put(group, event.pubkey, [])
      group.owed.set(event.pubkey, 'put')
    },
  },
  {
    kind: groupKind.leave,
    name: 'leave',
    by: ['member'],
    shownTo: 'before',
    refuse: (on) => refuseLastAdmin(on, new Set([on.event.pubkey])),
    apply: ({ event, group }) => {
      drop(group, event.pubkey)
      group.owed.set(event.pubkey, 'remove')
    },
  },
]

/** Creating is the one action without a group before it. The relay's own word starts a group over. */
export function refuseCreation(event: NostrEvent, id: string, book: Book): Fault | undefined {
  if (!isGroupId(id)) return lacks('an "h" tag with 1 to 64 letters, digits, ".", "_", "~" or "-"')
  const isTaken = book.graves.has(graveOf(id)) || (book.groups.has(id) && event.pubkey !== book.self)
  return isTaken ? new Fault('conflict', 'this group id is not available') : undefined
}

export function create(event: NostrEvent, id: string, book: Book): void {
  const isOurs = event.pubkey === book.self
  const group = createGroup(id, (isOurs ? tagValues(event, 'p')[0] : undefined) ?? event.pubkey)
  book.groups.set(id, group)
  if (!isOurs) group.members.set(event.pubkey, ['admin'])
  editMetadata({ event, group, book })
}

function date({ dated }: Group, pubkey: string, { created_at }: NostrEvent): void {
  dated.set(pubkey, Math.max(created_at, dated.get(pubkey) ?? 0))
}

/** Nobody belongs to a deleted group. Its erasure waits for the relay's own word, which outlives every key. */
function bury(id: string, { groups }: Book): void {
  groups.set(id, { ...createGroup(id, ''), isGone: true })
}

/**
 * Whether the relay only says what somebody's own request has done already: then that stands as it is now, roles
 * included, and even if the key has meanwhile changed its mind.
 */
function isSaid({ owed, members }: Group, pubkey: string, what: 'put' | 'remove'): boolean {
  const due = owed.get(pubkey)
  if (due === what) owed.delete(pubkey)
  return due !== undefined || (what === 'put' && members.has(pubkey))
}

const lacks = (what: string): Fault => new Fault('invalid', `the event needs ${what}`)

function put(group: Group, pubkey: string, labels: readonly string[]): void {
  group.members.set(pubkey, labels)
  group.owed.delete(pubkey)
}

export function drop(group: Group, pubkey: string): void {
  group.members.delete(pubkey)
  group.owed.delete(pubkey)
}

function refusePut(on: Case): Fault | undefined {
  const users = namedUsers(on.event)
  if (users.some(([, labels]) => labels.length > MOST.labels || labels.some((label) => label.length > MOST.length)))
    return new Fault('too-large', `at most ${MOST.labels} roles of ${MOST.length} characters`)
  const isAppointing = users.some(([, labels]) => labels.length > 0)
  if (isAppointing && !mayAppoint(on)) return new Fault('unauthorized', 'only an admin gives roles')
  const demoted = users.filter(([, labels]) => !labels.includes('admin')).map(([pubkey]) => pubkey)
  return refuseUsers(on) ?? refuseLastAdmin(on, new Set(demoted))
}

const mayAppoint = ({ event, group, book }: Case): boolean => event.pubkey === book.self || isAdmin(group, event.pubkey)

/** Keys are keys, and whoever has rights is touched by admins only. */
function refuseUsers(on: Case): Fault | undefined {
  const users = tagValues(on.event, 'p')
  if (users.length === 0 || !users.every((pubkey) => isHex(pubkey, 64))) return lacks('a "p" tag with a public key')
  const ranked = users.some((pubkey) => hasRights(on.group, pubkey))
  return ranked && !mayAppoint(on) ? new Fault('unauthorized', 'only an admin changes who has a role') : undefined
}

/** A group without an admin could not be led by anybody. The relay may leave one behind where its admin has vanished. */
function refuseLastAdmin({ event, group, book }: Case, leaving: ReadonlySet<string>): Fault | undefined {
  if (event.pubkey === book.self) return undefined
  const admins = [...group.members.keys()].filter((pubkey) => isAdmin(group, pubkey))
  const isEmptied = admins.length > 0 && admins.every((pubkey) => leaving.has(pubkey))
  return isEmptied ? new Fault('conflict', 'a group keeps an admin: name another one first, or delete it') : undefined
}

function refuseInvite({ event, group }: Case): Fault | undefined {
  const invites = decodeInvites(event)
  const named = tagValues(event, 'code').length
  if (named === 0 || named > invites.length || invites.some(({ code }) => code.length > MOST.length))
    return lacks(`a "code" of 1 to ${MOST.length} characters, and a number of uses or none`)
  const codes = new Set([...group.invites.keys(), ...invites.map(({ code }) => code)])
  return codes.size > MOST.invites ? new Fault('too-large', `at most ${MOST.invites} invites at a time`) : undefined
}

const pinsOf = ({ tags }: NostrEvent): string[][] => tags.filter(([name]) => name === 'e' || name === 'a')

const isPin = ([name, value]: readonly string[]): boolean =>
  name === 'e' ? isHex(value, 64) : /^\d{1,5}:[0-9a-f]{64}:/.test(value ?? '')

const codeOf = (event: NostrEvent): string | undefined => tag(event, 'code')

/** Whether the code of a join request is good now. */
export const isInvited = ({ invites }: Group, event: NostrEvent): boolean => invites.has(codeOf(event) ?? '')

function refuseJoin({ event, group }: Case): Fault | undefined {
  if (group.members.has(event.pubkey)) return new Fault('duplicate', 'you are a member of this group')
  if (!group.metadata.flags.has('closed') || isInvited(group, event)) return undefined
  return codeOf(event) === undefined
    ? new Fault('unauthorized', 'this group is closed: ask one of its admins for an invite')
    : new Fault('unauthorized', 'this invite is not good, or not any more')
}

/** Takes one use off a code that a closed group asked for; an open one lets everybody in without. */
function spend({ invites, metadata, moderators }: Group, event: NostrEvent): void {
  const code = codeOf(event)
  const left = invites.get(code ?? '')
  if (code === undefined || left === undefined || !metadata.flags.has('closed')) return
  moderators.add(event.pubkey)
  if (left > 1) invites.set(code, left - 1)
  else invites.delete(code)
}
