import { expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { verifySchnorr } from './keys.ts'
import { verifyOnce } from './verify-once.ts'

const [one, two] = [author().sign(), author().sign()]

test('a signature that was good once is not computed again, and a bad one is bad each time', () => {
  const asked: string[] = []
  const verify = verifyOnce((id, pubkey, sig) => {
    asked.push(id)
    return verifySchnorr(id, pubkey, sig)
  })
  for (const { id, pubkey, sig } of [one, one, two]) expect(verify(id, pubkey, sig)).toBe(true)
  expect(verify(one.id, one.pubkey, two.sig)).toBe(false)
  expect(verify(one.id, two.pubkey, one.sig)).toBe(false)
  expect(verify(two.id, one.pubkey, one.sig)).toBe(false)
  expect(asked).toEqual([one.id, two.id, one.id, one.id, two.id])
})

test('the memory has an end, and what was forgotten is verified again', () => {
  let asked = 0
  const verify = verifyOnce(() => {
    asked += 1
    return true
  })
  for (let number = 0; number <= 5000; number += 1) verify(String(number), '', '')
  verify('5000', '', '')
  expect(asked).toBe(5001)
  verify('0', '', '')
  expect(asked).toBe(5002)
})
