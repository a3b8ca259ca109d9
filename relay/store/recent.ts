import type { NostrEvent } from '#nips/keys'
import { byPlace, type Standing, standingOf } from './postings.ts'
import { type Term, termsOf } from './terms.ts'

/**
 * The index of the events that are not in the file's index yet: the newest generations, which go over into it one
 * as a whole. The log holds them all, so this is memory only.
 */
export type Recent = {
  add(event: NostrEvent, seq: number): void
  /** Puts one back that was taken out. */
  restore(standing: Standing): void
  /** Takes one out; gives it when it was here. */
  take(seq: number): Standing | undefined
  /** Whether this very one is here. */
  has(standing: Standing): boolean
  /** The rows under a term, one list for each generation, each from the last to the first in NIP-01's order. */
  under(term: Term): (readonly Standing[])[]
  /** Every event that is here. */
  all(): Iterable<Standing>
  /** Forgets everything up to this number. */
  drop(upTo: number): void
  /** All terms of one generation; the lists as in `under`. */
  termsIn(generation: number): Iterable<readonly [term: Term, rows: readonly Standing[]]>
}

/** Most terms have one event only: that stands for its list. */
type Rows = Standing | Standing[]
const listOf = (rows: Rows | undefined): readonly Standing[] =>
  rows === undefined ? [] : typeof rows[0] === 'number' ? [rows as Standing] : (rows as Standing[])

/** By sign and value of the terms, and by number. */
type Generation = { readonly rows: Map<string, Map<string, Rows>>; readonly alive: Map<number, Standing> }

/** The generation of a number, when each has `length` of them. */
export const generationOf = (seq: number, length: number): number => Math.floor((seq - 1) / length)

export function createRecent(length: number): Recent {
  const generations = new Map<number, Generation>()
  const of = (seq: number): Generation | undefined => generations.get(generationOf(seq, length))

  function open(seq: number): Generation {
    const number = generationOf(seq, length)
    const generation = generations.get(number) ?? { rows: new Map(), alive: new Map() }
    generations.set(number, generation)
    return generation
  }

  return {
    add(event, seq) {
      const { rows, alive } = open(seq)
      const standing = standingOf(event, seq)
      alive.set(seq, standing)
      for (const term of termsOf(event)) putUnder(rows, term, standing)
    },
    restore(standing) {
      open(standing[0]).alive.set(standing[0], standing)
    },
    take(seq) {
      const alive = of(seq)?.alive
      const standing = alive?.get(seq)
      alive?.delete(seq)
      return standing
    },
    has: (standing) => of(standing[0])?.alive.get(standing[0]) === standing,
    under([sign, value]) {
      const lists: (readonly Standing[])[] = []
      for (const { rows } of generations.values()) {
        const found = rows.get(sign)?.get(value)
        if (found) lists.push(listOf(found))
      }
      return lists
    },
    *all() {
      for (const { alive } of generations.values()) yield* alive.values()
    },
    drop(upTo) {
      for (const number of generations.keys()) if ((number + 1) * length <= upTo) generations.delete(number)
    },
    *termsIn(number) {
      for (const [sign, values] of generations.get(number)?.rows ?? [])
        for (const [value, rows] of values) yield [[sign, value], listOf(rows)]
    },
  }
}

function putUnder(all: Generation['rows'], [sign, value]: Term, standing: Standing): void {
  let values = all.get(sign)
  if (values === undefined) {
    values = new Map()
    all.set(sign, values)
  }
  const rows = values.get(value)
  if (rows === undefined) values.set(value, standing)
  else if (typeof rows[0] !== 'number') putInOrder(rows as Standing[], standing)
  else if (rows !== standing) {
    const list = [rows as Standing]
    putInOrder(list, standing)
    values.set(value, list)
  }
}

/** Most events are the newest: those go to the end. One that is there already is not put there again. */
function putInOrder(list: Standing[], standing: Standing): void {
  let [low, high] = [0, list.length]
  const last = list[high - 1]
  if (last && byPlace(standing, last) < 0) low = high
  while (low < high) {
    const middle = (low + high) >> 1
    const there = list[middle]
    if (there && byPlace(there, standing) > 0) low = middle + 1
    else high = middle
  }
  if (low === list.length) list.push(standing)
  else if (list[low] !== standing) list.splice(low, 0, standing)
}
