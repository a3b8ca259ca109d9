import type { Database } from './database.ts'
import { createHarvest, type Harvest } from './harvest.ts'
import { type Entered, enter } from './lists.ts'
import { type Marks, setMark } from './marks.ts'
import { createRecent, generationOf } from './recent.ts'
import { byId, expiredBy, type Index, parse } from './rows.ts'
import { createView } from './view.ts'
import { learnWords } from './words.ts'
import { type Changes, changesOn, putOne, type Refusal, settle, take, undo } from './write.ts'

/** What one transaction did to the file. */
export type Committed = {
  /** The highest number ever given when it began; more than its asker knew of when another process has written. */
  readonly from: number
  /** The highest number ever given when it ended. */
  readonly newest: number
  /** Everything up to this number is in the file's index. */
  readonly indexed: number
  /** Moves by one whenever events are erased. */
  readonly erased: number
  /** The numbers of the events that it took away. */
  readonly removed: readonly number[]
}
/** For each event its number, or why it has none. */
export type Put = Committed & { readonly results: readonly (number | Refusal)[] }

/** Everything that changes the file, each in a transaction of its own. Runs in whatever thread holds the connection. */
export type Writing = {
  /** Events as JSON, NIP-01's fields in its order. */
  put(texts: readonly string[]): Put
  /** Erases some of what has expired; `removed` is empty when nothing is left. */
  sweep(now: number): Committed
  erase(ids: readonly string[]): Committed
  enter(entered: Entered): Committed
  /** Says what others did. */
  look(nothing: undefined): Committed
  /** Does some of what can wait, and says whether there is more: fills the index, and the one of words (NIP-50). */
  tidy(nothing: undefined): boolean
}

/** Events whose words are learned in one transaction. */
const WORDS = 500
/** Rows that are carried into the index in one transaction when there is time, and for each event when there is none. */
const ROWS = 512
const ROWS_EACH = 12

type Changing = {
  readonly index: Index
  readonly harvest: Harvest
  readonly change: Change
}
type Change = <Done>(work: (changes: Changes, marks: Marks) => Done) => Committed & Done

/** Begins with what others did, ends with the accounts, and comes to nothing as a whole. */
function createChanging({ sql, transact }: Database, generation: number): Changing {
  const index: Index = { sql, recent: createRecent(generation) }
  const harvest = createHarvest(index, generation)
  const view = createView(index, harvest.restart)

  function change<Done>(work: (changes: Changes, marks: Marks) => Done): Committed & Done {
    let changes: Changes | undefined
    try {
      const done = transact(() => {
        const marks = view.refresh()
        const { newest: from, indexed } = marks
        changes = changesOn(index, (seq) => seq <= indexed || isFull(seq, { newest: from, generation }))
        const { removed } = changes
        const did = { from, newest: from, indexed, removed, ...work(changes, marks) }
        settle(changes)
        const erased = marks.erased + Math.sign(removed.length)
        if (erased !== marks.erased) setMark(sql, 'erased', erased)
        return { ...did, erased }
      })
      view.commit(done)
      return done
    } catch (error) {
      if (changes) undo(changes)
      harvest.restart()
      throw error
    }
  }

  return { index, harvest, change }
}

/** Whether no number is left to be given in the generation of this one. */
const isFull = (seq: number, { newest, generation }: { newest: number; generation: number }): boolean =>
  generationOf(seq, generation) < generationOf(newest + 1, generation)

export function createWriting(database: Database, generation: number): Writing {
  const { sql, transact } = database
  const { index, harvest, change } = createChanging(database, generation)

  return {
    put: (texts) =>
      change((changes, marks) => {
        let { newest } = marks
        const results = texts.map((json) => {
          const refusal = putOne(changes, parse({ json }), { seq: newest + 1, json })
          if (refusal === undefined) newest += 1
          return refusal ?? newest
        })
        if (newest > marks.newest) setMark(sql, 'newest', newest)
        return { newest, results, indexed: harvest.carry(marks, ROWS_EACH * texts.length) }
      }),
    sweep: (now) =>
      change((changes) => {
        for (const row of expiredBy(index, now)) take(changes, row)
        return {}
      }),
    erase: (ids) =>
      change((changes) => {
        for (const id of new Set(ids)) take(changes, byId(index, id))
        return {}
      }),
    enter: (entered) =>
      change(() => {
        enter(sql, entered)
        return {}
      }),
    look: () => change(() => ({})),
    tidy() {
      const { newest, indexed } = change((_changes, marks) => ({ indexed: harvest.carry(marks, ROWS) }))
      const learned = transact(() => learnWords(sql, WORDS))
      return learned === WORDS || isFull(indexed + 1, { newest, generation })
    },
  }
}
