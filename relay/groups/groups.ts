import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import { actionKinds, groupKind, groupOf } from '#nips/nip29'
import { allOf } from '../all-of.ts'
import type { Hidden } from '../read-rules.ts'
import type { Store } from '../store/store.ts'
import type { Voice } from '../voice.ts'
import { type Chores, createChores } from './chores.ts'
import { type Book, createBook, type Group, graveOf, isHidden, isSecluded } from './group.ts'
import { advance, isGrave, shownTo } from './record.ts'
import { copyOf } from './statements.ts'
import { createTimeline, type Timeline } from './timeline.ts'

export type GroupsDeps = {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly self: string
  readonly voice: Voice
  readonly breathe: () => Promise<void>
  readonly log: Log
}

/** Which process has stored an event. */
export type Origin = 'here' | 'elsewhere'

/** The relay's groups (NIP-29): what they are, and what the relay says about them. */
export type Groups = {
  readonly book: Book
  /** Reads what is stored and says what is still unsaid. Until it resolves, all groups are closed to everybody. */
  open(): Promise<void>
  /** What of the groups is kept from somebody with these keys; stays true while keys and groups change. */
  hiddenFrom(keys: ReadonlySet<string>): Hidden
  /**
   * Told of each stored event, in order; `show` hands it to whoever may read it. What follows from one that another
   * process has stored is that one's to do: it is seen to a little later, in case it was not.
   */
  hear(event: NostrEvent, show: () => void, from?: Origin): void
  /** Whether a group has seen one of these references lately. */
  readonly hasSeen: Timeline['hasSeen']
  /** Keeps groups as they are before the events of a key are erased (NIP-62). */
  beforeVanishing(pubkey: string): Promise<void>
  /** Resolves when the relay has said and erased what follows for the group an event was written to. */
  settled(event: Pick<NostrEvent, 'tags'>): Promise<void>
  /** Resolves when nothing is under way. */
  close(): Promise<void>
  /** Tries again what could not be said or erased. */
  retry(): Promise<void>
}

export function createGroups(deps: GroupsDeps): Groups {
  const book = createBook(deps.self)
  /** Groups that keep something from somebody. */
  const secluded = new Set<string>()
  const onErased = (id: string) => {
    book.groups.delete(id)
    secluded.delete(id)
  }
  const chores = createChores({ ...deps, book, onErased })
  const fold = (event: NostrEvent, add = chores.add) => {
    for (const id of advance(book, event)) {
      const group = book.groups.get(id)
      if (group && (group.isGone || isSecluded(group))) secluded.add(id)
      else secluded.delete(id)
      add(id)
    }
    follow(event, book, add)
  }
  const timeline = createTimeline(deps.store, deps.clock)
  let isOpen = false

  return {
    book,
    async open() {
      await recall({ ...deps, book, chores }, fold)
      isOpen = true
      await chores.done()
    },
    hiddenFrom: (keys) => hiddenFrom(keys, book, () => (isOpen ? secluded.size : undefined)),
    hear(event, show, from = 'here') {
      const order = [show, () => fold(event, from === 'here' ? chores.add : chores.addLater)]
      if (shownTo(event.kind) === 'after') order.reverse()
      for (const step of order) step()
      timeline.hear(event)
    },
    hasSeen: timeline.hasSeen,
    async beforeVanishing(pubkey) {
      for (const group of [...book.groups.values()])
        if (group.moderators.has(pubkey)) for (const statement of copyOf(group, book)) await deps.voice.say(statement)
    },
    settled: ({ tags }) => chores.done(groupOf({ tags })),
    close: () => chores.done(),
    retry: chores.retry,
  }
}

/** What one event leaves to do: it was taken out already, takes others out, or came too late for a deleted group. */
function follow(event: NostrEvent, { groups, graves }: Book, add: Chores['add']): void {
  const id = groupOf(event)
  if (id === undefined) return
  const group = groups.get(id)
  if (group === undefined && graves.size > 0 && graves.has(graveOf(id))) add(id)
  if (group === undefined) return
  const named = event.kind === groupKind.deleteEvent ? tagValues(event, 'e') : []
  const taken = [event.id, ...named].filter((one) => group.deleted.has(one))
  if (taken.length > 0 || group.isGone) add(id, taken)
}

type Recalling = GroupsDeps & { readonly book: Book; readonly chores: Chores }

/**
 * Folds the stored actions in the order they arrived, first of all which groups are deleted. What the relay has not
 * said of that yet is a chore.
 */
async function recall({ store, clock, book, chores }: Recalling, fold: (event: NostrEvent) => void): Promise<void> {
  const heard: { seq: number; event: NostrEvent }[] = []
  for await (const { seq, json } of allOf(store, { kinds: new Set([...actionKinds, kind.vanish]) }, clock.now()))
    heard.push({ seq, event: JSON.parse(json) as NostrEvent })
  heard.sort((a, b) => a.seq - b.seq)
  for (const { event } of heard) if (isGrave(event, book)) fold(event)
  for (const { event } of heard) fold(event)
  for (const id of book.groups.keys()) chores.add(id)
}

/** `size` says how many groups keep something from somebody: where none does, nobody has to look. */
function hiddenFrom(keys: ReadonlySet<string>, { groups }: Book, size: () => number | undefined): Hidden {
  const belongs = ({ members }: Group): boolean => {
    for (const key of keys) if (members.has(key)) return true
    return false
  }
  return {
    get size() {
      return size() ?? 1
    },
    has(entry) {
      if (size() === undefined) return true
      const group = groups.get(entry.slice(2))
      if (group === undefined) return false
      if (group.isGone) return true
      return (entry.startsWith('d') ? isHidden(group) : isSecluded(group)) && !belongs(group)
    },
  }
}
