import { expect, test } from 'vitest'
import { sha256Hex } from '#nips/kit/bytes'
import { sha256 } from './hash.ts'

test.each(['', 'abc', '"\\\u0000\u001f\u2028', 'ü € 😀', 'x'.repeat(100_000)])(
  'the host hashes the UTF-8 of a text as JavaScript does (%#)',
  (text) => {
    expect(sha256(text)).toBe(sha256Hex(text))
  },
)
