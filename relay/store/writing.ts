import type { NostrEvent } from '#nips/keys'
import type { Database } from './database.ts'
import { byId, enter, expiredBy, mark, setMark } from './rows.ts'
import { learnWords } from './words.ts'
import { changesOn, putOne, type Refusal, settle, take } from './write.ts'

/** What one transaction did to the file. */
type Committed = {
  /** The highest number ever given when it began; more than its asker knew of when another process has written. */
  readonly from: number
  /** The highest number ever given when it ended. */
  readonly newest: number
  /** The numbers of the events that are gone. */
  readonly removed: readonly number[]
}
/** For each event its number, or why it has none. */
type Put = Committed & { readonly results: readonly (number | Refusal)[] }

/** A value of an operator's list and its note; without one it leaves the list. */
type Entered = { readonly name: string; readonly value: string; readonly note: string | undefined }

/** Everything that changes the file, each in a transaction of its own. Runs in whatever thread holds the connection. */
export type Writing = {
  /** Events as JSON, NIP-01's fields in its order. */
  put(texts: readonly string[]): Put
  /** Erases some of what has expired; `removed` is empty when nothing is left. */
  sweep(now: number): Committed
  erase(ids: readonly string[]): Committed
  enter(entered: Entered): Committed
  /** Changes nothing; says what others did. */
  look(nothing: undefined): Committed
  /** Does some of what can wait, and says whether there is more: puts words into the index (NIP-50). */
  learn(nothing: undefined): boolean
}

/** The mark that holds the highest number ever given. */
export const NEWEST = 'newest'
/** Events whose words are learned in one transaction. */
const SOME = 200
/** The mark that moves when an operator's list is changed. */
export const LISTS = 'lists'

export function createWriting({ sql, transact }: Database): Writing {
  function change<Done>(work: (changes: ReturnType<typeof changesOn>, from: number) => Done): Committed & Done {
    return transact(() => {
      const from = mark(sql, NEWEST)
      const changes = changesOn(sql)
      const done = work(changes, from)
      settle(changes)
      return { from, newest: from, removed: changes.removed, ...done }
    })
  }

  return {
    put: (texts) =>
      change((changes, from) => {
        let newest = from
        const results = texts.map((json) => {
          const refusal = putOne(changes, JSON.parse(json) as NostrEvent, { seq: newest + 1, json })
          if (refusal === undefined) newest += 1
          return refusal ?? newest
        })
        if (newest > from) setMark(sql, NEWEST, newest)
        return { newest, results }
      }),
    sweep: (now) =>
      change((changes) => {
        for (const row of expiredBy(sql, now)) take(changes, row)
        return {}
      }),
    erase: (ids) =>
      change((changes) => {
        for (const id of new Set(ids)) take(changes, byId(sql, id))
        return {}
      }),
    enter: (entered) =>
      change(() => {
        enter(sql, entered)
        setMark(sql, LISTS, mark(sql, LISTS) + 1)
        return {}
      }),
    look() {
      const from = mark(sql, NEWEST)
      return { from, newest: from, removed: [] }
    },
    learn: () => transact(() => learnWords(sql, SOME) === SOME),
  }
}
