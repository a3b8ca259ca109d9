import { expect, test } from 'vitest'
import { verifySchnorr } from '#nips/keys'
import { pen } from './pen.ts'

test('what a pen writes is signed as BIP-340 wants it, whoever writes', () => {
  const written = Array.from({ length: 8 }, (_, at) => pen(() => at).write({ content: String(at), tags: [['t', 'x']] }))
  expect(written.filter(({ id, pubkey, sig }) => !verifySchnorr(id, pubkey, sig))).toEqual([])
  expect(new Set(written.map(({ pubkey }) => pubkey)).size).toBe(8)
})
