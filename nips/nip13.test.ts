import { expect, test } from 'vitest'
import { leadingZeroBits, workOf } from './nip13.ts'

test.each([
  { id: '000000000e9d97a1ab09fc381030b346cdd7a142ad57e6df0b46dc9bef6c7e2d', bits: 36 },
  { id: '000006d8c378af1779d2feebc7603a125d99eca0ccf1085959b307f64e5dd358', bits: 21 },
  { id: '002f'.padEnd(64, '0'), bits: 10 },
  { id: 'f'.repeat(64), bits: 0 },
  { id: '7'.repeat(64), bits: 1 },
  { id: '0'.repeat(64), bits: 256 },
])('$id has $bits zero bits in front', ({ id, bits }) => {
  expect(leadingZeroBits(id)).toBe(bits)
})

test.each([
  { says: 'with the target it met', tags: [['nonce', '776797', '20']], work: 20 },
  { says: 'with a target beyond it', tags: [['nonce', '776797', '30']], work: 21 },
  { says: 'with a lower target', tags: [['nonce', '776797', '8']], work: 8 },
  { says: 'without a target', tags: [['nonce', '776797']], work: 0 },
  { says: 'with a target that is no number', tags: [['nonce', '1', 'x']], work: 0 },
  { says: 'with a target below nothing', tags: [['nonce', '1', '-5']], work: 0 },
  { says: 'without a nonce', tags: [['t', '1', '20']], work: 0 },
])('an id of 21 bits $says proves $work', ({ tags, work }) => {
  expect(workOf({ id: '000006d8c378af1779d2feebc7603a125d99eca0ccf1085959b307f64e5dd358', tags })).toBe(work)
})
