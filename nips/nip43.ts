import { tagValues } from './event.ts'
import type { EventTemplate } from './keys.ts'

/** NIP-43's kinds: what a relay tells about its members, and what they ask of it. */
export const accessKind = {
  added: 8000,
  removed: 8001,
  members: 13_534,
  join: 28_934,
  invite: 28_935,
  leave: 28_936,
  role: 33_534,
} as const

/** Seconds the date of a request to join or leave may be off. */
export const ACCESS_WINDOW = 300

/** What a relay tells about one of its roles. */
export type RoleText = { label?: string; description?: string; color?: string; order?: string }

type Statement = Omit<EventTemplate, 'created_at'>
const protectedBy = (kind: number, tags: string[][]): Statement => ({ kind, tags: [['-'], ...tags], content: '' })

export const encodeMembers = (members: Iterable<readonly [pubkey: string, roles: readonly string[]]>): Statement =>
  protectedBy(
    accessKind.members,
    [...members].map(([pubkey, roles]) => ['member', pubkey, ...roles]),
  )

export const encodeMembership = (pubkey: string, isMember: boolean): Statement =>
  protectedBy(isMember ? accessKind.added : accessKind.removed, [['p', pubkey]])

export const encodeRole = (id: string, text: RoleText): Statement =>
  protectedBy(accessKind.role, [
    ['d', id],
    ...Object.entries(text).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  ])

export const encodeInvite = (claim: string): Statement => protectedBy(accessKind.invite, [['claim', claim]])

/** The invite code of a request to join. */
export const claimOf = (event: Pick<EventTemplate, 'tags'>): string => tagValues(event, 'claim')[0] ?? ''
