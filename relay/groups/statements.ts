import { encodeGroupMetadata, encodeInvite, groupKind } from '#nips/nip29'
import type { Statement } from '../voice.ts'
import { type Book, type Group, graveOf, hasRights, rightsOf, roles } from './group.ts'
import { listedChildren, listedParent } from './metadata.ts'

/** Members that 39002 names at most; who is one is decided by the group, not by the list. */
const LISTED_MEMBERS = 1000

/** NIP-29: what the relay says about a group as it is. A list of pins is said once there has been one. */
export function statementsOf(group: Group, book: Book, hadPins: boolean): Statement[] {
  const about = (kind: number, tags: string[][]): Statement => ({ kind, tags: [['d', group.id], ...tags], content: '' })
  const members = [...group.members.keys()]
  return [
    about(groupKind.metadata, metadataTags(group, book)),
    about(
      groupKind.admins,
      members.filter((pubkey) => hasRights(group, pubkey)).map((pubkey) => ['p', pubkey, ...rightsOf(group, pubkey)]),
    ),
    about(
      groupKind.members,
      members.slice(0, LISTED_MEMBERS).map((pubkey) => ['p', pubkey]),
    ),
    about(
      groupKind.roles,
      Object.entries(roles).map(([role, doc]) => ['role', role, doc]),
    ),
    ...(group.pins.length > 0 || hadPins
      ? [
          about(
            groupKind.pins,
            group.pins.map((pin) => [...pin]),
          ),
        ]
      : []),
  ]
}

function metadataTags(group: Group, book: Book): string[][] {
  const { parent: _told, ...metadata } = group.metadata
  const parent = listedParent(group, book)
  return [
    ...encodeGroupMetadata(parent === undefined ? metadata : { ...metadata, parent }),
    ...listedChildren(group, book).map((id) => ['child', id]),
  ]
}

/** What the relay still has to say about keys that came or went by their own request. */
export function answersOf({ id, owed, members, dated, isGone }: Group, { graves }: Book): Statement[] {
  const grave = graveOf(id)
  if (isGone) return graves.has(grave) ? [] : [{ kind: groupKind.deleteGroup, tags: [['x', grave]], content: '' }]
  return [...owed].map(([pubkey, what]) => {
    const labels = what === 'put' ? (members.get(pubkey) ?? []) : []
    const tags = [
      ['h', id],
      ['p', pubkey, ...labels],
    ]
    const kind = what === 'put' ? groupKind.putUser : groupKind.removeUser
    return { kind, tags, content: '', since: (dated.get(pubkey) ?? 0) + 1 }
  })
}

/** Tags of one event of a copy. */
const COPIED = 500
const pagesOf = (tags: readonly string[][]): string[][][] =>
  Array.from({ length: Math.ceil(tags.length / COPIED) }, (_, at) => tags.slice(at * COPIED, (at + 1) * COPIED))

/**
 * The same group on the relay's word alone, its parts behind it, so that it stays what it is when the events that
 * made it are erased (NIP-62).
 */
export function copyOf(group: Group, book: Book): Statement[] {
  const about = (kind: number, tags: string[][]): Statement => ({ kind, tags: [['h', group.id], ...tags], content: '' })
  const some = (kind: number, tags: string[][]) => pagesOf(tags).map((page) => about(kind, page))
  const members = [...group.members].map(([pubkey, labels]) => ['p', pubkey, ...labels])
  const invites = [...group.invites].map(([code, uses]) => encodeInvite({ code, uses }))
  const deleted = [...group.deleted].map((id) => ['e', id])
  return [
    about(groupKind.createGroup, [['p', group.creator], ...encodeGroupMetadata(group.metadata)]),
    ...some(groupKind.putUser, members),
    ...some(groupKind.createInvite, invites),
    ...some(
      groupKind.updatePins,
      group.pins.map((pin) => [...pin]),
    ),
    ...some(groupKind.deleteEvent, deleted),
    ...group.children.flatMap((id) => {
      const child = book.groups.get(id)
      return child === undefined ? [] : copyOf(child, book)
    }),
  ]
}
