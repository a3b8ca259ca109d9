import { expect, test } from 'vitest'
import { parseFilter } from '#nips/filter'
import { costOf } from './cost.ts'

const key = (at: number) => at.toString(16).padStart(64, '0')
const keys = (count: number) => Array.from({ length: count }, (_, at) => key(at))

test.each([
  { says: 'ids', filters: [{ ids: keys(3) }], cost: 1 },
  { says: 'an author and a kind', filters: [{ authors: keys(1), kinds: [1] }], cost: 1 },
  { says: 'a tag', filters: [{ '#e': keys(1) }], cost: 1 },
  { says: 'a thousand authors', filters: [{ authors: keys(1000) }], cost: 21 },
  { says: 'many authors and one tag', filters: [{ authors: keys(900), '#t': ['x'] }], cost: 1 },
  { says: 'nothing but kinds', filters: [{ kinds: [1] }], cost: 3 },
  { says: 'everything', filters: [{}], cost: 6 },
  { says: 'everything from now on', filters: [{ limit: 0 }], cost: 1 },
  { says: 'words', filters: [{ search: 'x', authors: keys(1) }], cost: 4 },
  { says: 'several things', filters: [{ ids: keys(1) }, { kinds: [1] }, {}], cost: 10 },
])('$says costs $cost, counted four times and compared ten times as much', ({ filters, cost }) => {
  const parsed = filters.map((filter) => parseFilter(filter))
  expect([costOf('REQ', parsed), costOf('COUNT', parsed), costOf('NEG-OPEN', parsed)]).toEqual([
    cost,
    4 * cost,
    10 * cost,
  ])
})
