import { tag } from './event.ts'
import type { EventTemplate } from './keys.ts'

/** NIP-29's kinds, by what they do. */
export const groupKind = {
  putUser: 9000,
  removeUser: 9001,
  editMetadata: 9002,
  deleteEvent: 9005,
  createGroup: 9007,
  deleteGroup: 9008,
  createInvite: 9009,
  updatePins: 9010,
  join: 9021,
  leave: 9022,
  metadata: 39_000,
  admins: 39_001,
  members: 39_002,
  roles: 39_003,
  participants: 39_004,
  pins: 39_005,
} as const

/** Whether a kind changes what a group is: moderation, and requests to join or leave. */
export const isGroupAction = (kind: number): boolean => kind >= 9000 && kind <= 9022
/** All kinds that change what a group is. */
export const actionKinds: readonly number[] = Array.from({ length: 23 }, (_, at) => groupKind.putUser + at)
/** All kinds that tell what a group is. */
export const stateKinds: readonly number[] = Array.from({ length: 10 }, (_, at) => groupKind.metadata + at)

/** Whether a kind tells what a group is; its group stands in `d`. */
export const isGroupState = (kind: number): boolean => kind >= 39_000 && kind <= 39_009
/** Actions that may carry an invite code, which whoever reads it could use. */
export const carriesCode = (kind: number): boolean => kind === groupKind.createInvite || kind === groupKind.join

/** A group id that is short enough for a tag index and has nothing in it that a list or a link would break at. */
export const isGroupId = (id: string): boolean => /^[\w.~-]{1,64}$/.test(id)

const texts = ['name', 'picture', 'banner', 'about'] as const
/**
 * `private`: only members read. `restricted`: only members write. `hidden`: others are not told that it exists.
 * `closed`: nobody joins without an invite.
 */
const flags = ['private', 'restricted', 'hidden', 'closed'] as const
type GroupText = (typeof texts)[number]
type GroupFlag = (typeof flags)[number]

/** How a group describes itself. */
export type GroupMetadata = {
  readonly texts: Readonly<Partial<Record<GroupText, string>>>
  readonly flags: ReadonlySet<GroupFlag>
  /** The kinds that may be posted; absent where every kind may. */
  readonly kinds?: readonly number[]
  /** The group it is a part of. */
  readonly parent?: string
}

/** What an event says a group's metadata is; what it does not name is not set. */
export function decodeGroupMetadata(event: Pick<EventTemplate, 'tags'>): GroupMetadata {
  const supported = event.tags.find(([name]) => name === 'supported_kinds')
  const parent = tag(event, 'parent')
  return {
    texts: Object.fromEntries(texts.flatMap((name) => textOf(event, name))),
    flags: new Set(flags.filter((name) => event.tags.some(([own]) => own === name))),
    ...(supported === undefined ? {} : { kinds: supported.slice(1).map(Number).filter(Number.isInteger) }),
    ...(parent ? { parent } : {}),
  }
}

function textOf(event: Pick<EventTemplate, 'tags'>, name: GroupText): [GroupText, string][] {
  const value = tag(event, name)
  return value === undefined || value === '' ? [] : [[name, value]]
}

/** The tags that `decodeGroupMetadata` reads. */
export const encodeGroupMetadata = (metadata: GroupMetadata): string[][] => [
  ...texts.flatMap((name) => (metadata.texts[name] === undefined ? [] : [[name, metadata.texts[name]]])),
  ...flags.filter((name) => metadata.flags.has(name)).map((name) => [name]),
  ...(metadata.kinds === undefined ? [] : [['supported_kinds', ...metadata.kinds.map(String)]]),
  ...(metadata.parent === undefined ? [] : [['parent', metadata.parent]]),
]

/** The group an event was written to, by its first `h` tag. */
export const groupOf = (event: Pick<EventTemplate, 'tags'>): string | undefined => tag(event, 'h')

/** Keys named in `p` with the labels that follow. A label is a role. */
export const namedUsers = (event: Pick<EventTemplate, 'tags'>): [pubkey: string, roles: string[]][] =>
  event.tags.flatMap(([name, pubkey, ...roles]) =>
    name === 'p' && pubkey !== undefined ? [[pubkey, [...new Set(roles.filter((role) => role !== ''))]]] : [],
  )

/** First characters of events that the author has seen in the same place. */
export const timelineReferences = (event: Pick<EventTemplate, 'tags'>): string[] =>
  event.tags.flatMap(([name, ...references]) => (name === 'previous' ? references : []))

/** How many characters of an id a timeline reference has. */
export const REFERENCE = 8

/** A code and how often it is good for. */
export type Invite = { readonly code: string; readonly uses: number }

/** Invites: `["code", code, uses]`, without `uses` for everybody who knows it. What is none is left out. */
export const decodeInvites = (event: Pick<EventTemplate, 'tags'>): Invite[] =>
  event.tags.flatMap(([name, code, uses = '']) =>
    name === 'code' && code && /^\d{0,6}$/.test(uses)
      ? [{ code, uses: uses === '' ? Number.POSITIVE_INFINITY : Number(uses) }]
      : [],
  )

export const encodeInvite = ({ code, uses }: Invite): string[] =>
  Number.isFinite(uses) ? ['code', code, String(uses)] : ['code', code]
