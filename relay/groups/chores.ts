import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import { groupKind, stateKinds } from '#nips/nip29'
import type { Store } from '../store/store.ts'
import type { Voice } from '../voice.ts'
import { eraseGroup, eraseTaken } from './erase.ts'
import type { Book } from './group.ts'
import { answersOf, statementsOf } from './statements.ts'

export type ChoresDeps = {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly book: Book
  readonly voice: Voice
  readonly breathe: () => Promise<void>
  readonly log: Log
}

/** What follows from a change of groups: the relay says it, and what was taken out is erased. */
export type Chores = {
  /** Groups that are not what was said about them. */
  changed(ids: Iterable<string>): void
  /** Events that a moderator took out. */
  taken(ids: Iterable<string>): void
  /** Resolves when all is done that can be done now. Never rejects. */
  done(): Promise<void>
  /** Tries again what could not be done. */
  retry(): Promise<void>
}

export function createChores({ store, clock, book, voice, breathe, log }: ChoresDeps): Chores {
  const groups = new Set<string>()
  const events = new Set<string>()
  const late = { groups: new Set<string>(), events: new Set<string>() }
  let running: Promise<void> | undefined

  /** True when nothing is left to do for the group. */
  async function settle(id: string): Promise<boolean> {
    const group = book.groups.get(id)
    if (group === undefined) return true
    for (const [answer, since] of answersOf(group)) await voice.say(answer, since)
    if (!group.isGone) return voice.keep(statementsOf(group, book, voice.hasSaid(groupKind.pins, id)))
    await eraseGroup(store, id, clock.now())
    for (const kind of stateKinds) await voice.retract(kind, id)
    return true
  }

  const isDone = (work: Promise<boolean>): Promise<boolean> =>
    work.catch((error: unknown) => {
      log('groups.unsettled', { cause: error })
      return false
    })

  async function eraseAll(): Promise<void> {
    const taken = [...events]
    events.clear()
    if (!(await isDone(eraseTaken(store, book, taken)))) for (const id of taken) late.events.add(id)
  }

  async function settleAll(): Promise<void> {
    for (const id of groups) {
      groups.delete(id)
      if (!(await isDone(settle(id)))) late.groups.add(id)
    }
  }

  async function run(): Promise<void> {
    await breathe()
    while (groups.size + events.size > 0) {
      await eraseAll()
      await settleAll()
    }
    running = undefined
  }

  const chores: Chores = {
    changed: (ids) => {
      for (const id of ids) groups.add(id)
      if (groups.size > 0) running ??= run()
    },
    taken: (ids) => {
      for (const id of ids) events.add(id)
      if (events.size > 0) running ??= run()
    },
    done: async () => {
      await running
    },
    async retry() {
      const [ids, taken] = [[...late.groups], [...late.events]]
      late.groups.clear()
      late.events.clear()
      chores.taken(taken)
      chores.changed(ids)
      await running
    },
  }
  return chores
}
