import { describe, expect, test } from 'vitest'
import { parseFilter } from '#nips/filter'
import { hllOf, hllOffset, leadingZeros } from './hll.ts'

const id = `${'0'.repeat(32)}7${'f'.repeat(31)}`

describe('where NIP-45 reads in a key', () => {
  test.each([
    { says: 'an id', filter: { '#e': [id] }, offset: 15 },
    { says: 'an address', filter: { '#a': [`30023:${id}:a:b`] }, offset: 15 },
    // SHA-256 of "x" is 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881.
    { says: 'any other text', filter: { '#t': ['x'] }, offset: 20 },
    { says: 'no tag', filter: {}, offset: undefined },
    { says: 'no value', filter: { '#t': [] }, offset: undefined },
    { says: 'two values', filter: { '#t': ['x', 'y'] }, offset: undefined },
    { says: 'two tags', filter: { '#t': ['x'], '#e': [id] }, offset: undefined },
    { says: 'a limit', filter: { '#e': [id], limit: 5 }, offset: undefined },
  ])('for $says: $offset', ({ filter, offset }) => {
    expect(hllOffset(parseFilter(filter))).toBe(offset)
  })
})

test.each([
  { bytes: [0xff], zeros: 0 },
  { bytes: [0x01], zeros: 7 },
  { bytes: [0, 0x10, 0xff], zeros: 11 },
  { bytes: [0, 0], zeros: 16 },
  { bytes: [], zeros: 0 },
])('$bytes has $zeros zero bits in front', ({ bytes, zeros }) => {
  expect(leadingZeros(Uint8Array.from(bytes))).toBe(zeros)
})

test('each register holds the longest run of zeros among its keys', () => {
  const key = (register: string, rest: string) => `${'a'.repeat(16)}${register}${rest}`.padEnd(64, 'f')
  const registers = Buffer.from(hllOf([key('05', '01'), key('05', '0001'), key('05', 'ff'), key('ff', '80')], 8), 'hex')
  const set = [...registers.entries()].filter(([, value]) => value > 0)
  expect(set).toEqual([
    [5, 16],
    [255, 1],
  ])
})
