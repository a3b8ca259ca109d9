import { Fault } from '#nips/kit/fault'
import type { Sql } from './database.ts'
import { marksOf } from './marks.ts'
import { createRecent } from './recent.ts'
import { arrivals, forgetErased, type Index, recall } from './rows.ts'
import type { Entry, PutResult, Row } from './store.ts'
import type { Texts } from './texts.ts'
import type { Committed, Put } from './writing.ts'

/** What the reading side knows of the writing side, which may be another thread. */
export type Mirror = {
  readonly index: Index
  /** The highest number it was told of. */
  newest(): number
  /** Takes note of a change, all at once: no reader sees half of it. */
  note(done: Committed): void
  /** Takes note of events that were put, and gives what became of each. */
  notePut(done: Put, batch: readonly Entry[]): PutResult[]
  /** Whether others have changed the file since. */
  isBehind(): boolean
  /** Some of what others have stored and nobody has asked for before. */
  others(): Row[]
}

/** Numbers that other processes have given. */
type Gap = { readonly after: number; readonly upTo: number }

/** Other processes' events that are handed over at once. */
const MOST_OTHERS = 100

/** `generation` as in recent.ts. */
export function createMirror(sql: Sql, texts: Texts, generation: number): Mirror {
  const index: Index = { sql, recent: createRecent(generation) }
  const { recent } = index
  const gaps: Gap[] = []
  let { newest, erased, ...start } = marksOf(sql)
  recall(index, start.indexed, newest)

  function note(done: Committed): void {
    if (done.from > newest) {
      gaps.push({ after: newest, upTo: done.from })
      recall(index, Math.max(newest, done.indexed), done.from)
    }
    newest = done.newest
    for (const seq of done.removed) recent.take(seq)
    texts.drop(done.removed)
    recent.drop(done.indexed)
    const expected = erased + Math.sign(done.removed.length)
    if (done.erased !== expected) texts.drop(forgetErased(index, done.indexed))
    erased = done.erased
  }

  return {
    index,
    newest: () => newest,
    note,
    notePut(done, batch) {
      const results = batch.map((entry, at) => keep(entry, done.results[at], { texts, index }))
      note(done)
      return results
    },
    isBehind() {
      const marks = marksOf(sql)
      return marks.newest > newest || marks.erased !== erased
    },
    others: () => takeFrom(sql, gaps),
  }
}

function keep(
  { event, json }: Entry,
  result: Put['results'][number] | undefined,
  { texts, index }: { texts: Texts; index: Index },
): PutResult {
  if (result === undefined) throw new Fault('internal', 'no result')
  if (typeof result !== 'number') return { outcome: result }
  texts.add(result, json)
  index.recent.add(event, result)
  return { outcome: 'stored', seq: result }
}

/** Events of the first gap that are still there; leaves the rest of it. */
function takeFrom(sql: Sql, gaps: Gap[]): Row[] {
  const gap = gaps.shift()
  if (gap === undefined) return []
  const rows = arrivals(sql, gap.after, MOST_OTHERS)
  const own = rows.filter(({ seq }) => seq <= gap.upTo)
  const last = own.at(-1)
  if (rows.length === own.length && last && rows.length === MOST_OTHERS)
    gaps.unshift({ after: last.seq, upTo: gap.upTo })
  return own.length > 0 ? own : takeFrom(sql, gaps)
}
