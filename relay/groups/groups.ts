import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import { actionKinds, groupKind, groupOf } from '#nips/nip29'
import { allOf } from '../all-of.ts'
import type { Hidden } from '../read-rules.ts'
import type { Row, Store } from '../store/store.ts'
import type { Voice } from '../voice.ts'
import { type Chores, createChores } from './chores.ts'
import { type Book, type Group, isHidden, isSecluded } from './group.ts'
import { advance, shownTo } from './record.ts'
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

/** The relay's groups (NIP-29): what they are, and what the relay says about them. */
export type Groups = {
  readonly book: Book
  /** Reads what is stored and says what is still unsaid. Until it resolves, all groups are closed to everybody. */
  open(): Promise<void>
  /** What of the groups is kept from somebody with these keys; stays true while keys and groups change. */
  hiddenFrom(keys: ReadonlySet<string>): Hidden
  /** Told of each stored event, in order; `show` hands it to whoever may read it. */
  hear(event: NostrEvent, show: () => void): void
  /** Whether a group has seen one of these references lately. */
  readonly hasSeen: Timeline['hasSeen']
  /** Keeps groups as they are before the events of a key are erased (NIP-62). */
  beforeVanishing(pubkey: string): Promise<void>
  /** Resolves when the relay has said and erased what follows from all it has heard. */
  settled(): Promise<void>
  /** Tries again what could not be said or erased. */
  retry(): Promise<void>
}

export function createGroups(deps: GroupsDeps): Groups {
  const book: Book = { groups: new Map(), self: deps.self }
  const chores = createChores({ ...deps, book })
  const timeline = createTimeline(deps.store, deps.clock)
  let isOpen = false

  return {
    book,
    async open() {
      await recall({ ...deps, book, chores })
      isOpen = true
      await chores.done()
    },
    hiddenFrom: (keys) => hiddenFrom(keys, book, () => isOpen),
    hear(event, show) {
      const order = [show, () => fold(event, book, chores)]
      if (shownTo(event.kind) === 'after') order.reverse()
      for (const step of order) step()
      timeline.hear(event)
    },
    hasSeen: timeline.hasSeen,
    async beforeVanishing(pubkey) {
      for (const group of [...book.groups.values()])
        if (group.moderators.has(pubkey)) for (const statement of copyOf(group, book)) await deps.voice.say(statement)
    },
    settled: chores.done,
    retry: chores.retry,
  }
}

function fold(event: NostrEvent, book: Book, chores: Chores): void {
  chores.changed(advance(book, event))
  const group = book.groups.get(groupOf(event) ?? '')
  if (group === undefined) return
  if (group.isGone) chores.changed([group.id])
  const named = event.kind === groupKind.deleteEvent ? tagValues(event, 'e') : []
  chores.taken([event.id, ...named].filter((id) => group.deleted.has(id)))
}

type Recalling = GroupsDeps & { readonly book: Book; readonly chores: Chores }

/** Folds the stored actions in the order they arrived; what the relay has not said of that yet is a chore. */
async function recall({ store, clock, book, chores }: Recalling): Promise<void> {
  const heard: Pick<Row, 'seq' | 'json'>[] = []
  for await (const row of allOf(store, { kinds: new Set([...actionKinds, kind.vanish]) }, clock.now())) heard.push(row)
  for (const { json } of heard.sort((a, b) => a.seq - b.seq)) fold(JSON.parse(json) as NostrEvent, book, chores)
  chores.changed(book.groups.keys())
}

function hiddenFrom(keys: ReadonlySet<string>, { groups }: Book, isOpen: () => boolean): Hidden {
  const belongs = ({ members }: Group): boolean => {
    for (const key of keys) if (members.has(key)) return true
    return false
  }
  return {
    get size() {
      return isOpen() ? groups.size : 1
    },
    has(entry) {
      if (!isOpen()) return true
      const group = groups.get(entry.slice(2))
      if (group === undefined) return false
      if (group.isGone) return true
      return (entry.startsWith('d') ? isHidden(group) : isSecluded(group)) && !belongs(group)
    },
  }
}
