import { hash } from 'node:crypto'
import type { Position } from '../store/store.ts'

/**
 * A place between two records (NIP-77): everything before this date, and of this date every id that sorts before
 * `id`, of which only the first bytes need to be there. The end of everything has the date `Infinity`.
 */
export type Bound = { readonly createdAt: number; readonly id: Uint8Array }

/** A set of events for NIP-77, by date and id, both ascending. Takes 41 bytes for each. */
export type Records = {
  readonly size: number
  /** The bound that stands right before the record at `index`. */
  boundAt(index: number): Bound
  /** The shortest bound that parts it from the record before it. */
  boundBefore(index: number): Bound
  /** The ids from `from` up to, without, `to`: 32 bytes each. */
  ids(from: number, to: number): Uint8Array
  /** The first index from `from` on whose record is not before the bound. */
  find(bound: Bound, from: number): number
  /** NIP-77's 16 bytes for the records from `from` up to, without, `to`. */
  fingerprint(from: number, to: number): Uint8Array
}

/** A set that is being read from a store. */
export type Gathering = {
  readonly size: number
  /** Takes the next places, which come in NIP-01's order: newest first, among equals the lowest id first. */
  add(places: readonly Position[]): void
  /** Sorts and sums up; yields where others may have a turn. No place comes after it. */
  seal(): Generator<void, Records>
}

const ID = 32
/** 32-bit words of one id; a sum of ids is as long. */
const WORDS = 8
/** Records between two sums that are kept: what a fingerprint adds up at most. */
const BLOCK = 64
/** Records between two breaths. */
const STRIDE = 8192

/** Fills its arrays from behind, so that they stand in ascending order. */
export function createGathering(): Gathering {
  let dates = new Float64Array(64)
  let ids = Buffer.alloc(dates.length * ID)
  let start = dates.length

  function grow(): void {
    const [more, moreIds] = [new Float64Array(2 * dates.length), Buffer.alloc(2 * ids.length)]
    more.set(dates, dates.length)
    moreIds.set(ids, ids.length)
    start += dates.length
    dates = more
    ids = moreIds
  }

  return {
    get size() {
      return dates.length - start
    },
    add(places) {
      for (const { createdAt, id } of places) {
        if (start === 0) grow()
        start -= 1
        dates[start] = createdAt
        ids.write(id, start * ID, 'hex')
      }
    },
    *seal() {
      const sorted = dates.subarray(start)
      const bytes = ids.subarray(start * ID)
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      yield* sortEqualDates(sorted, words)
      return recordsOf({ dates: sorted, bytes, words, sums: yield* sumsOf(words) })
    },
  }
}

/** Ids of one date came ascending and were filled in from behind: turns each such group round. */
function* sortEqualDates(dates: Float64Array, words: Uint32Array): Generator<void> {
  let from = 0
  for (let to = 1; to <= dates.length; to++) {
    if (to % STRIDE === 0) yield
    if (to < dates.length && dates[to] === dates[from]) continue
    for (let [a, b] = [from, to - 1]; a < b; a++, b--) {
      swap(words, a, b)
      if (a % STRIDE === 0) yield
    }
    from = to
  }
}

function swap(words: Uint32Array, a: number, b: number): void {
  for (let at = 0; at < WORDS; at++) {
    const kept = words[a * WORDS + at] as number
    words[a * WORDS + at] = words[b * WORDS + at] as number
    words[b * WORDS + at] = kept
  }
}

/** The sum of all ids before each block, one after the other. */
function* sumsOf(words: Uint32Array): Generator<void, Uint32Array> {
  const count = words.length / WORDS
  const sums = new Uint32Array((Math.floor(count / BLOCK) + 1) * WORDS)
  const sum = new Uint32Array(WORDS)
  for (let at = 0; at < count; at++) {
    if (at % BLOCK === 0) sums.set(sum, (at / BLOCK) * WORDS)
    add(sum, words, at * WORDS)
    if (at % STRIDE === STRIDE - 1) yield
  }
  if (count % BLOCK === 0) sums.set(sum, (count / BLOCK) * WORDS)
  return sums
}

/** Adds one id, as a little-endian number modulo 2^256. */
function add(sum: Uint32Array, words: Uint32Array, from: number): void {
  let carry = 0
  for (let at = 0; at < WORDS; at++) {
    const total = (sum[at] as number) + (words[from + at] as number) + carry
    sum[at] = total
    carry = total > 0xffff_ffff ? 1 : 0
  }
}

function subtract(sum: Uint32Array, other: Uint32Array): void {
  let borrow = 0
  for (let at = 0; at < WORDS; at++) {
    const rest = (sum[at] as number) - (other[at] as number) - borrow
    sum[at] = rest
    borrow = rest < 0 ? 1 : 0
  }
}

type Arrays = { dates: Float64Array; bytes: Uint8Array; words: Uint32Array; sums: Uint32Array }

function recordsOf({ dates, bytes, words, sums }: Arrays): Records {
  const idAt = (index: number): Uint8Array => bytes.subarray(index * ID, (index + 1) * ID)

  function isBefore(index: number, { createdAt, id }: Bound): boolean {
    const date = dates[index] as number
    if (date !== createdAt) return date < createdAt
    const differs = id.findIndex((byte, at) => bytes[index * ID + at] !== byte)
    return differs >= 0 && (bytes[index * ID + differs] as number) < (id[differs] as number)
  }

  function sumBefore(index: number): Uint32Array {
    const block = Math.floor(index / BLOCK)
    const sum = sums.slice(block * WORDS, (block + 1) * WORDS)
    for (let at = block * BLOCK; at < index; at++) add(sum, words, at * WORDS)
    return sum
  }

  return {
    size: dates.length,
    boundAt: (index) => ({ createdAt: dates[index] as number, id: idAt(index) }),
    boundBefore(index) {
      const createdAt = dates[index] as number
      if (createdAt !== dates[index - 1]) return { createdAt, id: new Uint8Array(0) }
      const [previous, id] = [idAt(index - 1), idAt(index)]
      return { createdAt, id: id.subarray(0, id.findIndex((byte, at) => byte !== previous[at]) + 1) }
    },
    ids: (from, to) => bytes.subarray(from * ID, to * ID),
    find(bound, from) {
      let [low, high] = [from, dates.length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (isBefore(middle, bound)) low = middle + 1
        else high = middle
      }
      return low
    },
    fingerprint(from, to) {
      const sum = sumBefore(to)
      subtract(sum, sumBefore(from))
      const text = Buffer.concat([new Uint8Array(sum.buffer), Buffer.from(varint(to - from))])
      return hash('sha256', text, 'buffer').subarray(0, 16)
    },
  }
}

/** NIP-77's number: base 128, the highest digit first, all but the last with the high bit. */
export function varint(value: number): number[] {
  const digits = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 128)
  return digits
}
