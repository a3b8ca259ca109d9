import type { Filter } from '#nips/filter'
import { hexToBytes, isHex, sha256Hex } from '#nips/kit/bytes'

/** NIP-45's registers: merged with those of other relays they estimate how many keys there are in all. */
const REGISTERS = 256

/** Where in a key the algorithm reads, for a filter with one tag condition of one value; others have none. */
export function hllOffset({ tags, limit }: Filter): number | undefined {
  const [values, ...more] = [...(tags?.values() ?? [])]
  const [value, ...others] = [...(values ?? [])]
  if (value === undefined || more.length > 0 || others.length > 0 || limit !== undefined) return undefined
  return Number.parseInt(targetOf(value).charAt(32), 16) + 8
}

/** An id or key as it is, the key of an address, the hash of anything else. */
function targetOf(value: string): string {
  if (isHex(value, 64)) return value
  return /^\d+:([0-9a-f]{64}):/.exec(value)?.[1] ?? sha256Hex(value)
}

/** The registers for these keys, in hex. */
export function hllOf(pubkeys: Iterable<string>, offset: number): string {
  const registers = new Uint8Array(REGISTERS)
  for (const pubkey of pubkeys) {
    const bytes = hexToBytes(pubkey)
    const register = bytes[offset] ?? 0
    registers[register] = Math.max(registers[register] ?? 0, leadingZeros(bytes.subarray(offset + 1)) + 1)
  }
  return Buffer.from(registers).toString('hex')
}

export function leadingZeros(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte) => byte > 0)
  return at < 0 ? bytes.length * 8 : at * 8 + Math.clz32(bytes[at] ?? 0) - 24
}
