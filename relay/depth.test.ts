import { describe, expect, test } from 'vitest'
import { isDeeperThan } from './depth.ts'

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

  test('a bomb is told from its first characters', () => {
    expect(isDeeperThan('['.repeat(10_000_000), 8)).toBe(true)
  })
})
