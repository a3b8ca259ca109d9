import { hexToBytes } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { type Bound, varint } from './records.ts'

/** Reads one message of NIP-77. Throws `invalid` for what is not one. */
export type Incoming = {
  isAtEnd(): boolean
  varint(): number
  bytes(length: number): Uint8Array
  bound(): Bound
}

/** Writes one, which begins with its version. */
export type Outgoing = {
  readonly length: number
  varint(value: number): void
  bytes(bytes: Uint8Array): void
  bound(bound: Bound): void
  /** Takes back all that was written behind this length; a bound that follows has to be the end of everything. */
  shorten(length: number): void
  hex(): string
}

const ID = 32

export function readMessage(hex: string): Incoming {
  const bytes = bytesOf(hex)
  let at = 0
  let date = 0

  function take(length: number): Uint8Array {
    if (length > bytes.length - at) throw new Fault('invalid', 'the message ends too early')
    at += length
    return bytes.subarray(at - length, at)
  }

  function readVarint(): number {
    let value = 0
    for (;;) {
      const digit = take(1)[0] ?? 0
      value = value * 128 + (digit & 127)
      if (value > Number.MAX_SAFE_INTEGER) throw new Fault('invalid', 'the number is too large')
      if (digit < 128) return value
    }
  }

  return {
    isAtEnd: () => at === bytes.length,
    varint: readVarint,
    bytes: take,
    bound() {
      const step = readVarint()
      date = step === 0 ? Number.POSITIVE_INFINITY : date + step - 1
      if (Number.isFinite(date) && date > Number.MAX_SAFE_INTEGER) throw new Fault('invalid', 'the date is too large')
      const length = readVarint()
      if (length > ID) throw new Fault('invalid', 'the bound is too long')
      return { createdAt: date, id: take(length) }
    },
  }
}

function bytesOf(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) throw new Fault('invalid', 'the message is not hex')
  return hexToBytes(hex)
}

export function writeMessage(version: number): Outgoing {
  let buffer = Buffer.alloc(1024, version)
  let length = 1
  let date = 0

  function append(bytes: ArrayLike<number>): void {
    if (length + bytes.length > buffer.length)
      buffer = Buffer.concat([buffer], 2 * Math.max(buffer.length, bytes.length))
    buffer.set(bytes, length)
    length += bytes.length
  }

  return {
    get length() {
      return length
    },
    varint: (value) => append(varint(value)),
    bytes: append,
    bound({ createdAt, id }) {
      append(varint(createdAt === Number.POSITIVE_INFINITY ? 0 : createdAt - date + 1))
      date = createdAt
      append(varint(id.length))
      append(id)
    },
    shorten(to) {
      length = to
    },
    hex: () => buffer.toString('hex', 0, length),
  }
}
