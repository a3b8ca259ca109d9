import { expect, test } from 'vitest'
import { isPrivate, type KindRow, kinds, ruleOf } from '#nips/kinds'
import { rangesWhere } from './tables.ts'

const row = (first: number, last: number, writers: KindRow['writers']): KindRow => ({
  first,
  last,
  writers,
  readers: 'public',
  name: '',
  source: '',
  doc: '',
})

test('an exception is cut out of its block, and neighbours become one range', () => {
  const rows = [row(10, 19, 'service'), row(15, 15, 'approver'), row(20, 22, 'service'), row(5, 5, 'service')]
  expect(rangesWhere(rows, ({ writers }) => writers === 'service')).toBe('5, 10-14, 16-22')
})

test.each([
  { what: 'private', fits: ({ readers }: KindRow) => readers === 'parties', rule: isPrivate },
  {
    what: 'written by the service',
    fits: ({ writers }: KindRow) => writers === 'service',
    rule: (kind: number) => ruleOf(kind).writers === 'service',
  },
])('the ranges that are $what are those of the rule the relay goes by', ({ fits, rule }) => {
  const named = rangesWhere(kinds, fits)
    .split(', ')
    .map((range) => range.split('-').map(Number))
  const isNamed = (kind: number) => named.some(([first = 0, last = first]) => kind >= first && kind <= last)
  const differing = Array.from({ length: 65_536 }, (_, kind) => kind).filter((kind) => isNamed(kind) !== rule(kind))
  expect(differing).toEqual([])
})
