import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import { groupKind, stateKinds } from '#nips/nip29'
import type { Store } from '../store/store.ts'
import type { Voice } from '../voice.ts'
import { eraseGroup, eraseTaken } from './erase.ts'
import { type Book, graveOf } from './group.ts'
import { answersOf, statementsOf } from './statements.ts'

export type ChoresDeps = {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly book: Book
  readonly voice: Voice
  /** Told when nothing is left of a deleted group. */
  readonly onErased: (id: string) => void
  readonly breathe: () => Promise<void>
  readonly log: Log
}

/** What follows from a change of a group: the relay says it, and what was taken out is erased. Each group for itself. */
export type Chores = {
  /** The group is not what was said about it; `taken` are events that a moderator took out. */
  add(group: string, taken?: readonly string[]): void
  /** The same, when it is time to try again what could not be done: somebody else may have done it by then. */
  addLater(group: string, taken?: readonly string[]): void
  /** Resolves when all is done that can be done now, for one group or for all. Never rejects. */
  done(group?: string): Promise<void>
  /** Tries again what could not be done. */
  retry(): Promise<void>
}

export function createChores(deps: ChoresDeps): Chores {
  /** Groups with something to do, and the events to erase there. */
  const due = new Map<string, Set<string>>()
  const late = new Map<string, ReadonlySet<string>>()
  const running = new Map<string, Promise<void>>()

  async function run(id: string): Promise<void> {
    await deps.breathe()
    for (let taken = due.get(id); taken; taken = due.get(id)) {
      due.delete(id)
      if (!(await attempt(id, taken))) addLater(id, taken)
    }
    running.delete(id)
  }

  /** True when nothing is left to do. */
  async function attempt(id: string, taken: ReadonlySet<string>): Promise<boolean> {
    try {
      await eraseTaken(deps.store, deps.book, taken)
      return await settle(id, deps)
    } catch (error) {
      deps.log('groups.unsettled', { cause: error })
      return false
    }
  }

  function addLater(id: string, taken: Iterable<string> = []): void {
    late.set(id, new Set([...(late.get(id) ?? []), ...taken]))
  }

  function add(id: string, taken: Iterable<string> = []): void {
    due.set(id, new Set([...(due.get(id) ?? []), ...taken]))
    if (!running.has(id)) running.set(id, run(id))
  }

  return {
    add,
    addLater,
    async done(id) {
      if (id !== undefined) await running.get(id)
      else while (running.size > 0) await Promise.all(running.values())
    },
    async retry() {
      const again = [...late]
      late.clear()
      for (const [id, taken] of again) add(id, taken)
      await Promise.all(again.map(([id]) => running.get(id)))
    },
  }
}

async function settle(id: string, { store, clock, book, voice, onErased }: ChoresDeps): Promise<boolean> {
  const group = book.groups.get(id)
  const isGone = group === undefined ? book.graves.has(graveOf(id)) : group.isGone
  if (group) await voice.say(...answersOf(group, book))
  if (group && !isGone) return voice.keep(statementsOf(group, book, voice.hasSaid(groupKind.pins, id)))
  if (!isGone) return true
  for (const kind of stateKinds) await voice.retract(kind, id)
  await eraseGroup(store, id, clock.now())
  onErased(id)
  return true
}
