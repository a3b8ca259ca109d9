const QUOTE = 0x22
const BACKSLASH = 0x5c
/** [ { and their ends differ from each other by these bits only: 0x5b 0x7b 0x5d 0x7d. */
const OPEN = 0x5b
const CLOSE = 0x5d
const CASE = 0x20

/**
 * Whether JSON text nests deeper than `max`, told before it is parsed: V8 parses millions of levels,
 * and then whatever walks the value dies of them.
 */
export function isDeeperThan(json: string, max: number): boolean {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at)
    if (char === QUOTE) at = endOfText(json, at)
    else if ((char & ~CASE) === OPEN) depth += 1
    else if ((char & ~CASE) === CLOSE) depth -= 1
    if (depth > max) return true
  }
  return false
}

/** Where the quoted text that begins at `from` ends: most of a message is text, and is leapt over. */
function endOfText(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at !== -1; at = json.indexOf('"', at + 1)) {
    let before = at - 1
    while (json.charCodeAt(before) === BACKSLASH) before -= 1
    const escapes = at - before - 1
    if (escapes % 2 === 0) return at
  }
  return json.length
}
