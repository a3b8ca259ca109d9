/** Numbers that a seed repeats exactly (mulberry32). */
export type Random = {
  /** A whole number from 0 to `below` - 1. */
  whole(below: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** Each item with this probability. */
  some<T>(items: readonly T[], probability: number): T[]
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    whole: (below) => Math.floor(next() * below),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    some: (items, probability) => items.filter(() => next() < probability),
  }
}
