import { bytesToHex } from '#nips/kit/bytes'

const ID = 32

/** The ids of each side that the other lacks; ids are 32 bytes each. */
export function differences(ours: Uint8Array, theirs: Uint8Array): { have: string[]; need: string[] } {
  const [mine, yours] = [new Set(idsIn(ours)), new Set(idsIn(theirs))]
  return {
    have: [...mine].filter((id) => !yours.has(id)),
    need: [...yours].filter((id) => !mine.has(id)),
  }
}

const idsIn = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length / ID }, (_, at) => bytesToHex(bytes.subarray(at * ID, (at + 1) * ID)))
