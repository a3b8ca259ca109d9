const QUOTE = 0x22
const BACKSLASH = 0x5c
const steps: ReadonlyMap<number, number> = new Map([
  [0x5b, 1],
  [0x7b, 1],
  [0x5d, -1],
  [0x7d, -1],
])

/**
 * Whether JSON text nests deeper than `max`, told before it is parsed: V8 parses millions of levels,
 * and then whatever walks the value dies of them.
 */
export function isDeeperThan(json: string, max: number): boolean {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at)
    if (char === QUOTE) at = endOfText(json, at)
    else depth += steps.get(char) ?? 0
    if (depth > max) return true
  }
  return false
}

/** Where the quoted text that begins at `from` ends. */
function endOfText(json: string, from: number): number {
  let at = from + 1
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}
