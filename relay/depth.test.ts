import { describe, expect, test } from 'vitest'
import { isDeeperThan } from './depth.ts'
import { randomFrom } from './testing/random.ts'

/** The same, slowly: what is quoted is cut out, and the rest is counted. */
function deepest(json: string): number {
  let [depth, most] = [0, 0]
  for (const char of json.replaceAll(/"(?:\\.|[^"\\])*"?/g, '')) {
    if ('[{'.includes(char)) depth += 1
    if (']}'.includes(char)) depth -= 1
    most = Math.max(most, depth)
  }
  return most
}

describe('the depth of JSON text', () => {
  test.each([
    { json: '[]', max: 1, deeper: false },
    { json: '[[]]', max: 1, deeper: true },
    { json: '[{"a":[]},[],{}]', max: 3, deeper: false },
    { json: '[{"a":[]},[],{}]', max: 2, deeper: true },
    { json: '["[[[[", "\\"[[[[", "\\\\", []]', max: 2, deeper: false },
    { json: '["\\\\", [[]]]', max: 2, deeper: true },
    { json: '["unterminated [[[[', max: 1, deeper: false },
    { json: '["ends in a backslash\\', max: 1, deeper: false },
    { json: ']]]][[[[[', max: 2, deeper: false },
    { json: '', max: 0, deeper: false },
  ])('$json is deeper than $max: $deeper', ({ json, max, deeper }) => expect(isDeeperThan(json, max)).toBe(deeper))

  test('is what counting character by character says, whatever is quoted and escaped', () => {
    const random = randomFrom(Math.floor(Math.random() * 2 ** 31))
    for (let run = 0; run < 3000; run++) {
      const json = Array.from({ length: random.whole(30) }, () =>
        random.pick(['[', ']', '{', '}', '"', '\\', 'x']),
      ).join('')
      expect([json, isDeeperThan(json, 2)]).toEqual([json, deepest(json) > 2])
    }
  })

  test('a bomb is told from its first characters', () => {
    expect(isDeeperThan('['.repeat(10_000_000), 8)).toBe(true)
  })
})
