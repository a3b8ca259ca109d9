import type { Sql } from './database.ts'

/** Numbers that outlive a process, and that tell several on one file of each other; 0 until they are set. */
export type Marks = {
  /** The highest `seq` that was ever given. */
  readonly newest: number
  /** Everything up to this `seq` is in the file's index. */
  readonly indexed: number
  /** Everything up to this `seq` has its words in their index; newer ones follow when there is time. */
  readonly searched: number
  /** Moves when events are erased. */
  readonly erased: number
  /** Moves when an operator's list is changed. */
  readonly lists: number
}

const none: Marks = { newest: 0, indexed: 0, searched: 0, erased: 0, lists: 0 }

export const marksOf = (sql: Sql): Marks => ({
  ...none,
  ...(Object.fromEntries(sql('SELECT name, number FROM marks').all() as [string, number][]) as Partial<Marks>),
})

export const setMark = (sql: Sql, name: keyof Marks, number: number): unknown =>
  sql('INSERT INTO marks VALUES (?, ?) ON CONFLICT DO UPDATE SET number = excluded.number').run(name, number)
