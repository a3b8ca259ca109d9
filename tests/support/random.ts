import { randomInt } from 'node:crypto'

/** Chance that can be repeated: the same seed makes the same choices. */
export type Random = {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number
  pick<T>(from: readonly T[]): T
  /** Each item with even odds. */
  some<T>(from: readonly T[]): T[]
  /** A new array, in any order. */
  shuffle<T>(items: readonly T[]): T[]
}

/** One seed that never changes and others that are new in every run; the name of the test shows them. */
export const seeds = (count: number): number[] => [1, ...Array.from({ length: count - 1 }, () => randomInt(2, 2 ** 31))]

/** mulberry32. */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    some: (from) => from.filter(() => next() < 0.5),
    shuffle(items) {
      const out = [...items]
      for (let last = out.length - 1; last > 0; last -= 1) {
        const other = below(last + 1)
        ;[out[last], out[other]] = [out[other] as (typeof items)[number], out[last] as (typeof items)[number]]
      }
      return out
    },
  }
}
