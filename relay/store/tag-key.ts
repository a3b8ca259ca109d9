import { hexToBytes, isHex, sha256Hex } from '#nips/kit/bytes'

/** How a tag value stands in the index: short text as it is, long text by its hash, ids and keys as their bytes. */
export type TagKey = string | Uint8Array

const LONGEST = 255
const HASHED = 1

/** Equal values have equal keys and different values different ones. */
export function tagKey(value: string): TagKey {
  if (value.length > LONGEST) return Uint8Array.of(HASHED, ...hexToBytes(sha256Hex(value)))
  return isHex(value, 64) ? hexToBytes(value) : value
}

/** NIP-01: the tags a filter can ask for have one letter; each name and value counts once. */
export function indexedTags(tags: readonly string[][]): [name: string, key: TagKey][] {
  const seen = new Set<string>()
  return tags.flatMap(([name, value]) => {
    if (name === undefined || value === undefined || !/^[A-Za-z]$/.test(name) || seen.has(name + value)) return []
    seen.add(name + value)
    return [[name, tagKey(value)]]
  })
}
