import { type Marks, marksOf } from './marks.ts'
import { forgetErased, type Index, recall } from './rows.ts'

/** What this writer knows of the file, while others may write to it as well. */
export type View = {
  /** Takes note of what others did since; belongs at the beginning of a transaction. */
  refresh(): Marks
  /** Takes note of what this one did, after the commit. */
  commit(done: Pick<Marks, 'newest' | 'indexed' | 'erased'>): void
}

/** `onOthers` is called when others have moved on with the file's index. */
export function createView(index: Index, onOthers: () => void): View {
  const { sql, recent } = index
  const { indexed, erased } = marksOf(sql)
  let known = { newest: indexed, indexed, erased }
  return {
    refresh() {
      const marks = marksOf(sql)
      if (marks.indexed > known.indexed) {
        recent.drop(marks.indexed)
        onOthers()
      }
      if (marks.newest > known.newest) recall(index, Math.max(known.newest, marks.indexed), marks.newest)
      if (marks.erased !== known.erased) forgetErased(index, marks.indexed)
      known = marks
      return marks
    },
    commit(done) {
      known = done
      recent.drop(done.indexed)
    },
  }
}
