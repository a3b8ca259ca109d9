import type { NostrEvent } from '#nips/keys'
import { isPrivate } from '#nips/kinds'

/** A filter as it is written on the wire. */
export type WireFilter = Record<string, unknown> & { limit?: number }

/** NIP-01 and the read rule, sentence by sentence; the kinds table is the only thing shared with the relay. */
const has = (list: unknown, value: unknown): boolean => (list as unknown[]).includes(value)
const conditions: Record<string, (wanted: unknown, event: NostrEvent) => boolean> = {
  ids: (wanted, { id }) => has(wanted, id),
  authors: (wanted, { pubkey }) => has(wanted, pubkey),
  kinds: (wanted, { kind }) => has(wanted, kind),
  since: (wanted, { created_at }) => (wanted as number) <= created_at,
  until: (wanted, { created_at }) => created_at <= (wanted as number),
  limit: () => true,
}
const tagged = (name: string) => (wanted: unknown, event: NostrEvent) =>
  event.tags.some((tag) => tag.length > 1 && `#${tag[0]}` === name && has(wanted, tag[1]))

export const wants = (filter: WireFilter, event: NostrEvent): boolean =>
  Object.entries(filter).every(([name, wanted]) => (conditions[name] ?? tagged(name))(wanted, event))
export const mayKnow = ({ kind, pubkey, tags }: NostrEvent, keys: readonly string[]): boolean =>
  !isPrivate(kind) || keys.includes(pubkey) || tags.some(([name, key = '']) => name === 'p' && keys.includes(key))
export const newestFirst = (a: NostrEvent, b: NostrEvent): number =>
  b.created_at - a.created_at || (a.id < b.id ? -1 : 1)

/** `kind`, `pubkey` and, for addressable kinds, `d`: of those with the same place only the first in order is kept. */
export function placeOf({ id, kind, pubkey, tags }: NostrEvent): string {
  if (kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000)) return `${kind}:${pubkey}`
  if (kind < 30_000 || kind >= 40_000) return id
  return `${kind}:${pubkey}:${tags.find(([name]) => name === 'd')?.[1] ?? ''}`
}
