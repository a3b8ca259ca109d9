import { type NostrEvent, serialise } from '#nips/keys'
import { newestFirst, placeOf } from './oracle.ts'

/** What was sent to a relay, and what it said `OK true` to. */
export type Ledger = { readonly sent: Map<string, NostrEvent>; readonly acknowledged: Set<string> }

export const newLedger = (): Ledger => ({ sent: new Map(), acknowledged: new Set() })

/** The one text of an event, whatever order its fields came in. */
const textOf = (event: NostrEvent): string => `${serialise(event)} ${event.id} ${event.sig}`

/**
 * What is wrong with what a relay has, in words: an acknowledged event that is gone without a newer version or a
 * deletion in its stead, one that is there twice or with other bytes, two versions of one place, a deletion without effect.
 */
export function complaintsAbout(stored: readonly NostrEvent[], { sent, acknowledged }: Ledger): string[] {
  const there = new Map(stored.map((event) => [event.id, event]))
  const holders = new Map(stored.map((event) => [placeOf(event), event]))
  const deleted = deletedBy(stored)
  const lost = [...acknowledged].filter((id) => {
    const event = sent.get(id)
    if (!event || there.has(id) || deleted.has(id)) return false
    const holder = holders.get(placeOf(event))
    return holder === undefined || newestFirst(holder, event) > 0
  })
  const strange = stored.filter((event) => textOf(event) !== textOf(sent.get(event.id) ?? { ...event, sig: '' }))
  const undead = stored.filter(({ id, kind }) => kind !== 5 && deleted.has(id))
  return [
    ...lost.map((id) => `${id} (kind ${sent.get(id)?.kind}) was acknowledged and is lost`),
    ...strange.map(({ id }) => `${id} is there with other bytes`),
    ...undead.map(({ id }) => `${id} is there although its deletion is`),
    ...(there.size < stored.length ? [`${stored.length - there.size} events are there twice`] : []),
    ...(holders.size < there.size ? [`${there.size - holders.size} places have two events`] : []),
  ]
}

const deletedBy = (stored: readonly NostrEvent[]): Set<string> =>
  new Set(
    stored.flatMap(({ kind, tags }) =>
      kind === 5 ? tags.flatMap(([name, id]) => (name === 'e' && id !== undefined ? [id] : [])) : [],
    ),
  )
