import type { NostrEvent } from '#nips/keys'
import { sha256Hex } from '#nips/kit/bytes'
import { type GroupMetadata, groupOf } from '#nips/nip29'

/** One group (NIP-29) as its moderation events have made it. Only `record.ts` changes one. */
export type Group = {
  readonly id: string
  /** Whose group it counts as. */
  readonly creator: string
  metadata: GroupMetadata
  /** Keys and their roles; a member without a role has an empty list. */
  readonly members: Map<string, readonly string[]>
  /** Codes and how many more keys each lets in. */
  readonly invites: Map<string, number>
  /** `e` and `a` tags, in the order they are shown. */
  pins: readonly (readonly string[])[]
  /** Its parts, in the order they are shown. */
  children: readonly string[]
  /** Ids that a moderator took out; they do not come back. */
  readonly deleted: Set<string>
  /** Keys that came or went without the relay having said so in an event of its own. */
  readonly owed: Map<string, 'put' | 'remove'>
  /** The date of the latest event that put or removed a key: what comes after it has to be newer to count. */
  readonly dated: Map<string, number>
  /** Keys whose word made it what it is, that of guests included, who used an invite up. */
  readonly moderators: Set<string>
  /** Deleted: nothing is written there any more, and what was is being erased. */
  isGone: boolean
}

export type Book = {
  readonly groups: Map<string, Group>
  /** Ids of deleted groups, hashed: they are not given again, and nobody is told which they were. */
  readonly graves: Set<string>
  /** The relay's own public key. */
  readonly self: string
}

export const createBook = (self: string): Book => ({ groups: new Map(), graves: new Set(), self })

export const graveOf = (id: string): string => sha256Hex(id)

/** Roles the relay gives rights to; others may be named and mean nothing here. */
export const roles = {
  admin: 'may do everything in the group',
  moderator: 'may add and remove members, delete events, invite and pin',
} as const
export type Role = keyof typeof roles

const isRole = (label: string): label is Role => Object.hasOwn(roles, label)

const emptyMetadata: GroupMetadata = { texts: {}, flags: new Set() }

export const createGroup = (id: string, creator: string): Group => ({
  id,
  creator,
  metadata: emptyMetadata,
  members: new Map(),
  invites: new Map(),
  pins: [],
  children: [],
  deleted: new Set(),
  owed: new Map(),
  dated: new Map(),
  moderators: new Set(),
  isGone: false,
})

/** The group an event was written to, when there is one. */
export function groupIn({ groups }: Book, event: Pick<NostrEvent, 'tags'>): Group | undefined {
  const group = groups.get(groupOf(event) ?? '')
  return group?.isGone ? undefined : group
}

/** The roles of a key that have rights here. */
export const rightsOf = ({ members }: Group, pubkey: string): Role[] => (members.get(pubkey) ?? []).filter(isRole)

export const hasRights = (group: Group, pubkey: string): boolean => rightsOf(group, pubkey).length > 0
export const isAdmin = (group: Group, pubkey: string): boolean => rightsOf(group, pubkey).includes('admin')

/** Whether others may read what is written there. */
export const isSecluded = ({ metadata }: Group): boolean =>
  metadata.flags.has('private') || metadata.flags.has('hidden')
export const isHidden = ({ metadata }: Group): boolean => metadata.flags.has('hidden')
