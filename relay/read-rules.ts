import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { isPrivate } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'

/** Whoever asks. */
export type Reader = {
  /** The keys that have signed in on the connection (NIP-42); empty for a stranger. */
  readonly keys: ReadonlySet<string>
  /** The private groups (NIP-29) that none of the keys belongs to. */
  readonly hidden: ReadonlySet<string>
}

const none: ReadonlySet<string> = new Set()

export const readerOf = (keys: Iterable<string>, hidden: ReadonlySet<string> = none): Reader => ({
  keys: new Set(keys),
  hidden,
})
export const stranger: Reader = readerOf([])

/**
 * The one read rule, asked at every door: public kinds are everybody's, private ones are for their author
 * and for whoever they name in a `p` tag.
 */
export function mayRead({ kind, pubkey, tags }: Pick<NostrEvent, 'kind' | 'pubkey' | 'tags'>, reader: Reader): boolean {
  if (!isPrivate(kind)) return true
  const { keys } = reader
  if (keys.size === 0) return false
  return keys.has(pubkey) || tags.some(([name, value]) => name === 'p' && value !== undefined && keys.has(value))
}

/**
 * What a reader hears who names private kinds: sign in first, or name a key of yours.
 * A filter without `kinds` is never refused; what it may not see is left out without a word.
 */
export function refuseFilter(filter: Filter, reader: Reader): Fault | undefined {
  const named = [...(filter.kinds ?? [])].some(isPrivate)
  if (!named) return undefined
  if (reader.keys.size === 0) return new Fault('unauthenticated', 'requested filter requires authentication')
  const parties = filter.tags?.get('p')
  if (parties === undefined || meets(parties, reader.keys) || (filter.authors && meets(filter.authors, reader.keys)))
    return undefined
  return new Fault('unauthorized', 'these kinds are for their parties: name your own key in "authors" or "#p"')
}

const meets = (values: ReadonlySet<string>, keys: ReadonlySet<string>): boolean =>
  [...keys].some((key) => values.has(key))

/** The kinds that not everybody may read, at hand for whoever asks about very many events. */
const privateKinds: Uint8Array = Uint8Array.from({ length: 65_536 }, (_, kind) => Number(isPrivate(kind)))

/** Whether the kind alone says that this reader may not read an event. */
export const isHiddenKind = (kind: number, { keys }: Reader): boolean => keys.size === 0 && privateKinds[kind] === 1

/** Whether the kind alone does not say that this reader may read an event, so that `mayRead` has to be asked. */
export const needsLook = (kind: number, { hidden }: Reader): boolean => hidden.size > 0 || privateKinds[kind] === 1
