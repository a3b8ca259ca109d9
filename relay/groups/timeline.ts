import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import type { Clock } from '#nips/kit/clock'
import { isGroupState, REFERENCE } from '#nips/nip29'
import { relayItself } from '../read-rules.ts'
import type { Store } from '../store/store.ts'

/** What each group has seen lately, as the references of NIP-29 name it. */
export type Timeline = {
  hear(event: NostrEvent): void
  /** Whether one of the references names an event that the group has seen lately. */
  hasSeen(group: string, references: readonly string[]): Promise<boolean>
}

/** Events that are remembered of a group, twice what a client may refer to; groups that are remembered at a time. */
const EVENTS = 100
const GROUPS = 500

/** Reads a group when it is first asked for and follows it from then on. */
export function createTimeline(store: Store, clock: Pick<Clock, 'now'>): Timeline {
  const seen = new Map<string, Promise<string[]>>()

  async function recall(group: string): Promise<string[]> {
    const { places } = await store.places({
      filter: { tags: new Map([['h', new Set([group])]]), limit: EVENTS },
      reader: relayItself,
      upTo: store.newest(),
      now: clock.now(),
    })
    return places.map(({ id }) => id.slice(0, REFERENCE)).reverse()
  }

  return {
    hear(event) {
      for (const group of tagValues(event, isGroupState(event.kind) ? 'd' : 'h')) {
        const remembered = seen.get(group)
        if (remembered === undefined) continue
        const longer = remembered.then((ids) => [...ids, event.id.slice(0, REFERENCE)].slice(-EVENTS))
        seen.set(group, longer)
      }
    },
    async hasSeen(group, references) {
      const remembered = seen.get(group) ?? recall(group)
      seen.delete(group)
      seen.set(group, remembered)
      const [oldest] = seen.keys()
      if (seen.size > GROUPS && oldest !== undefined) seen.delete(oldest)
      remembered.catch(() => seen.delete(group))
      const ids = await remembered
      return references.some((reference) => ids.includes(reference))
    },
  }
}
