import type { Store } from '../store/store.ts'

/** What the admins of a relay have noted: lists of values, each with a note. */
const lists = [
  /** Keys that write nothing here, and why. */
  'banned-pubkeys',
  /** Keys that belong to this relay, and why. */
  'allowed-pubkeys',
  'banned-events',
  /** Reported events that an admin found nothing wrong with. */
  'allowed-events',
  /** Where there are any, the only kinds that are taken. */
  'allowed-kinds',
  'disallowed-kinds',
  'blocked-ips',
  /** What NIP-11 says instead of the settings: `name`, `description`, `icon`. */
  'about',
  /** Roles of NIP-43: JSON of what is told about each. */
  'roles',
  /** Roles of each member, separated by commas. */
  'member-roles',
  /** Invites of NIP-43: who asked for it and when it ends. */
  'claims',
] as const
export type ListName = (typeof lists)[number]

export type Rulebook = {
  /** As it is now; a read costs nothing. */
  list(name: ListName): ReadonlyMap<string, string>
  /** Takes effect after its commit; no note takes the value off. */
  enter(name: ListName, value: string, note: string | undefined): Promise<void>
}

/** Keeps the lists of the store at hand. Nobody else writes them while it is open. */
export function createRulebook(store: Pick<Store, 'list' | 'enter'>): Rulebook {
  const kept = new Map<ListName, Map<string, string>>()
  const listOf = (name: ListName): Map<string, string> => {
    const list = kept.get(name) ?? new Map(store.list(name))
    kept.set(name, list)
    return list
  }
  return {
    list: listOf,
    async enter(name, value, note) {
      await store.enter(name, value, note)
      if (note === undefined) listOf(name).delete(value)
      else listOf(name).set(value, note)
    },
  }
}
