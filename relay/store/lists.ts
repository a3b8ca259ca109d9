import type { Sql } from './database.ts'
import { marksOf, setMark } from './marks.ts'

/** A value of an operator's list and its note; without one it leaves the list. */
export type Entered = { readonly name: string; readonly value: string; readonly note: string | undefined }

export function enter(sql: Sql, { name, value, note }: Entered): void {
  if (note === undefined) sql('DELETE FROM lists WHERE name = ? AND value = ?').run(name, value)
  else sql('INSERT INTO lists VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note').run(name, value, note)
  setMark(sql, 'lists', marksOf(sql).lists + 1)
}

export type Lists = {
  readonly get: (name: string) => ReadonlyMap<string, string>
  /** Forgets what was read when somebody has changed a list since. */
  readonly refresh: () => void
}

/** Operators' lists, read once as long as nobody changes them: policies ask for each event. */
export function createLists(sql: Sql): Lists {
  const known = new Map<string, ReadonlyMap<string, string>>()
  let version = marksOf(sql).lists
  return {
    get(name) {
      const rows = () => sql('SELECT value, note FROM lists WHERE name = ?').all(name) as [string, string][]
      const list = known.get(name) ?? new Map(rows())
      known.set(name, list)
      return list
    },
    refresh() {
      const now = marksOf(sql).lists
      if (now !== version) known.clear()
      version = now
    },
  }
}
