import { Fault } from '#nips/kit/fault'
import type { Bound, Records } from './records.ts'
import { type Incoming, type Outgoing, readMessage, writeMessage } from './wire.ts'

/** Version 1 of the protocol: the first byte of every message. */
const VERSION = 0x61
const versions = { first: 0x60, last: 0x6f }
const mode = { skip: 0, fingerprint: 1, ids: 2 } as const
const FINGERPRINT = 16
const ID = 32
/** Into how many parts a range that differs is cut; one with fewer than twice as many records is listed instead. */
const PARTS = 16
/** Bytes that are kept for the last range of a message. */
const RESERVE = 200

const end: Bound = { createdAt: Number.POSITIVE_INFINITY, id: new Uint8Array(0) }

/** One answer that is being made. */
type Answer = {
  readonly records: Records
  readonly output: Outgoing
  /** Bytes of the whole, without what is kept back. */
  readonly most: number
  /** Where the next range begins, on the line and among the records. */
  bound: Bound
  index: number
  /** Whether the ranges before `bound` still have to be passed over in so many words. */
  skips: boolean
  readonly compare?: Compare | undefined
}
/** Takes the ids of both sides in a range that differs, 32 bytes each; the side that does so ends the range with it. */
type Compare = (ours: Uint8Array, theirs: Uint8Array) => void
type Range = { readonly upper: Bound; readonly to: number }

/**
 * The relay's part in NIP-77: answers one message about `records`, in hex, with at most `most` bytes; what does not fit
 * is left to the next round. Yields after each range, where others may have a turn. Throws `invalid` for what is no message.
 */
export const respond = (records: Records, message: string, most: number): Generator<void, string> =>
  reconcile(records, message, { most })

/**
 * The same for the side that asks, which gives `compare`. It is done when its answer is no more than `DONE`.
 */
export function* reconcile(
  records: Records,
  message: string,
  { most, compare }: { most: number; compare?: Compare },
): Generator<void, string> {
  const input = readMessage(message)
  const [version = 0] = input.bytes(1)
  const output = writeMessage(VERSION)
  if (version < versions.first || version > versions.last) throw new Fault('invalid', 'unknown protocol version')
  if (version !== VERSION) return output.hex()
  const start: Bound = { createdAt: 0, id: end.id }
  const answer: Answer = { records, output, most: most - RESERVE, bound: start, index: 0, skips: false, compare }
  let fits = true
  while (fits && !input.isAtEnd()) {
    fits = answerRange(input, answer)
    yield
  }
  if (!fits) writeFingerprint(answer, { upper: end, to: records.size })
  return output.hex()
}

/** The first message of the side that asks: what there is from the beginning to the end. */
export function initiate(records: Records): string {
  const output = writeMessage(VERSION)
  const start: Bound = { createdAt: 0, id: end.id }
  const answer: Answer = { records, output, most: Number.POSITIVE_INFINITY, bound: start, index: 0, skips: false }
  const all: Range = { upper: end, to: records.size }
  if (records.size < 2 * PARTS) writeIds(answer, all)
  else split(answer, all)
  return output.hex()
}

/** A message with nothing left to say. */
export const DONE: string = VERSION.toString(16)

/** Reads one range and says what is needed about it, if it fits; `false` for the first that does not, in part or whole. */
function answerRange(input: Incoming, answer: Answer): boolean {
  const upper = input.bound()
  const kind = input.varint()
  const range = { upper, to: answer.records.find(upper, answer.index) }
  if (kind === mode.skip) return pass(answer, range)
  if (kind === mode.fingerprint) return answerFingerprint(answer, range, input.bytes(FINGERPRINT))
  if (kind !== mode.ids) throw new Fault('invalid', 'unknown mode')
  const theirs = input.bytes(input.varint() * ID)
  if (!answer.compare) return answerIds(answer, range)
  answer.compare(answer.records.ids(answer.index, range.to), theirs)
  return pass(answer, range)
}

/** Says nothing about a range. */
function pass(answer: Answer, range: Range): boolean {
  moveTo(answer, range)
  answer.skips = true
  return true
}

function answerFingerprint(answer: Answer, range: Range, theirs: Uint8Array): boolean {
  const { records, output, index, bound } = answer
  if (Buffer.compare(theirs, records.fingerprint(index, range.to)) === 0) return pass(answer, range)
  writeSkip(answer)
  const before = output.length
  if (range.to - index < 2 * PARTS) writeIds(answer, range)
  else split(answer, range)
  if (output.length <= answer.most) return true
  output.shorten(before)
  moveTo(answer, { upper: bound, to: index })
  return false
}

/** What the other side has there is not needed to say what is here. */
function answerIds(answer: Answer, range: Range): boolean {
  const { records, output, index, most } = answer
  writeSkip(answer)
  const to = index + Math.floor((most - output.length) / ID)
  if (range.to <= to) writeIds(answer, range)
  else if (index < to) writeIds(answer, { upper: records.boundAt(to), to })
  return range.to <= to
}

function split(answer: Answer, { upper, to }: Range): void {
  const { records, index: from } = answer
  const [size, rest] = [Math.floor((to - from) / PARTS), (to - from) % PARTS]
  for (let part = 1; part <= PARTS; part++) {
    const until = from + part * size + Math.min(part, rest)
    writeFingerprint(answer, { upper: until === to ? upper : records.boundBefore(until), to: until })
  }
}

const moveTo = (answer: Answer, { upper, to }: Range): void => {
  answer.bound = upper
  answer.index = to
}

function writeSkip(answer: Answer): void {
  const { output, bound, skips } = answer
  if (!skips) return
  output.bound(bound)
  output.varint(mode.skip)
  answer.skips = false
}

function writeFingerprint(answer: Answer, range: Range): void {
  const { records, output, index } = answer
  output.bound(range.upper)
  output.varint(mode.fingerprint)
  output.bytes(records.fingerprint(index, range.to))
  moveTo(answer, range)
}

function writeIds(answer: Answer, range: Range): void {
  const { records, output, index } = answer
  output.bound(range.upper)
  output.varint(mode.ids)
  output.varint(range.to - index)
  output.bytes(records.ids(index, range.to))
  moveTo(answer, range)
}
