import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { isPrivate } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import { carriesCode, groupKind, isGroupState } from '#nips/nip29'

/**
 * What is kept from somebody of the groups (NIP-29) that none of the keys belongs to: `h <id>` for what was written
 * to a group, `d <id>` for the group itself. A plain Set will do.
 */
export type Hidden = { readonly size: number; has(entry: string): boolean }

/** The entry that keeps everything: whoever asks does not belong to a relay that is for its members (NIP-43). */
export const RELAY = 'relay'

/** Whoever asks. */
export type Reader = {
  /** The keys that have signed in on the connection (NIP-42); empty for a stranger. */
  readonly keys: ReadonlySet<string>
  readonly hidden: Hidden
}

const none: Hidden = new Set<string>()

export const readerOf = (keys: Iterable<string>, hidden: Hidden = none): Reader => ({
  keys: new Set(keys),
  hidden,
})
export const stranger: Reader = readerOf([])

/** The relay for its own decisions, and its operator at the command line: every key is theirs. Never anybody who asks. */
export const relayItself: Reader = {
  keys: Object.assign(new Set(['']), { has: () => true }),
  hidden: none,
}

type Readable = Pick<NostrEvent, 'kind' | 'pubkey' | 'tags'>

/**
 * The one read rule, asked at every door: public kinds are everybody's, private ones are for their author
 * and for whoever they name in a `p` tag, what belongs to a private group is for its members, and what carries
 * an invite code is for whoever wrote it.
 */
export function mayRead(event: Readable, reader: Reader): boolean {
  if (isPrivate(event.kind) && !isParty(event, reader)) return false
  if (carriesCode(event.kind) && !reader.keys.has(event.pubkey)) return false
  return reader.hidden.size === 0 || !isHidden(event, reader)
}

const isParty = ({ pubkey, tags }: Readable, { keys }: Reader): boolean =>
  keys.size > 0 &&
  (keys.has(pubkey) || tags.some(([name, value]) => name === 'p' && value !== undefined && keys.has(value)))

/** Parts of a group's state that tell more than that it is there. */
const inner: ReadonlySet<number> = new Set([groupKind.members, groupKind.participants, groupKind.pins])
/** Moderation that its target may read: whether one is a member is told by the latest of these. */
const aboutUsers: ReadonlySet<number> = new Set([groupKind.putUser, groupKind.removeUser])

function isHidden(event: Readable, reader: Reader): boolean {
  if (reader.hidden.has(RELAY)) return true
  const isState = isGroupState(event.kind)
  const depth = isState && !inner.has(event.kind) ? 'd' : 'h'
  const name = isState ? 'd' : 'h'
  const isKept = event.tags.some(([own, id]) => own === name && reader.hidden.has(`${depth} ${id}`))
  return isKept && !(aboutUsers.has(event.kind) && isParty(event, reader))
}

/**
 * What a reader hears who names private kinds: sign in first, or name a key of yours.
 * A filter without `kinds` is never refused; what it may not see is left out without a word.
 */
export function refuseFilter(filter: Filter, reader: Reader): Fault | undefined {
  return refuseOutsider(reader) ?? refusePrivateKinds(filter, reader) ?? refusePrivateGroups(filter, reader)
}

function refuseOutsider({ keys, hidden }: Reader): Fault | undefined {
  if (hidden.size === 0 || !hidden.has(RELAY)) return undefined
  return new Fault(keys.size === 0 ? 'unauthenticated' : 'unauthorized', 'this relay is for its members')
}

function refusePrivateKinds(filter: Filter, reader: Reader): Fault | undefined {
  const named = [...(filter.kinds ?? [])].some(isPrivate)
  if (!named) return undefined
  if (reader.keys.size === 0) return new Fault('unauthenticated', 'requested filter requires authentication')
  const parties = filter.tags?.get('p')
  if (parties === undefined || meets(parties, reader.keys) || (filter.authors && meets(filter.authors, reader.keys)))
    return undefined
  return new Fault('unauthorized', 'these kinds are for their parties: name your own key in "authors" or "#p"')
}

/** Whoever names nothing but groups that are known to be private is told so; of hidden ones nothing is said. */
function refusePrivateGroups({ tags }: Filter, { keys, hidden }: Reader): Fault | undefined {
  const named = [...(tags?.get('h') ?? [])]
  const isTold = named.length > 0 && hidden.size > 0
  if (!isTold || !named.every((id) => hidden.has(`h ${id}`) && !hidden.has(`d ${id}`))) return undefined
  return keys.size === 0
    ? new Fault('unauthenticated', 'the group is private')
    : new Fault('unauthorized', 'the group is private and you are no member')
}

const meets = (values: ReadonlySet<string>, keys: ReadonlySet<string>): boolean =>
  [...keys].some((key) => values.has(key))

/** Somebody with a key that no event names, and whom no group knows. */
const outsider: Reader = readerOf(['outsider'])
const plain = (kind: number): Pick<NostrEvent, 'kind' | 'pubkey' | 'tags'> => ({ kind, pubkey: '', tags: [] })

/** What the rule says of each kind, at hand for whoever asks about very many events. */
const closedTo = (reader: Reader): Uint8Array =>
  Uint8Array.from({ length: 65_536 }, (_, kind) => Number(!mayRead(plain(kind), reader)))
const closedToStrangers = closedTo(stranger)
const closedToOutsiders = closedTo(outsider)

/** Whether the kind alone says that this reader may not read an event. */
export const isHiddenKind = (kind: number, { keys }: Reader): boolean =>
  keys.size === 0 && closedToStrangers[kind] === 1

/** Whether the kind alone does not say that this reader may read an event, so that `mayRead` has to be asked. */
export const needsLook = (kind: number, { hidden }: Reader): boolean => hidden.size > 0 || closedToOutsiders[kind] === 1

/** Whether a glance at the text an event is stored as leaves it open that `mayRead` says no. */
export const mayBeKept = (kind: number, json: string, { hidden }: Reader): boolean =>
  closedToOutsiders[kind] === 1 || isGroupState(kind) || json.includes('["h",') || hidden.has(RELAY)
