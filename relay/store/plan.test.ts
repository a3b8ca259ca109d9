import { describe, expect, test } from 'vitest'
import { type Filter, parseFilter } from '#nips/filter'
import { plan } from './plan.ts'

const key = (digit: string) => digit.repeat(64)
const filter = (value: object): Filter => parseFilter(value)

describe('the plan for a filter', () => {
  test.each([
    {
      says: 'an id beats every other index',
      asked: { ids: [key('1')], authors: [key('2')], '#g': ['x'] },
      index: 'id',
      ranges: 1,
    },
    {
      says: 'a tag beats authors and kinds',
      asked: { '#g': ['x', 'y'], authors: [key('2')], kinds: [1] },
      index: 'tag',
      ranges: 2,
    },
    { says: 'of two tags the shorter list', asked: { '#h': ['a', 'b', 'c'], '#g': ['x'] }, index: 'tag', ranges: 1 },
    {
      says: 'authors with kinds read every pair',
      asked: { authors: [key('1'), key('2')], kinds: [1, 7, 9] },
      index: 'author-kind',
      ranges: 6,
    },
    {
      says: 'too many pairs read by author',
      asked: {
        authors: Array.from({ length: 30 }, (_, at) => at.toString(16).padStart(64, '0')),
        kinds: Array.from({ length: 40 }, (_, at) => at),
      },
      index: 'author',
      ranges: 30,
    },
    { says: 'authors alone', asked: { authors: [key('1')] }, index: 'author', ranges: 1 },
    { says: 'kinds alone', asked: { kinds: [1, 2], since: 5 }, index: 'kind', ranges: 2 },
    { says: 'nothing but time', asked: { since: 5, until: 9 }, index: 'time', ranges: 1 },
    { says: 'an empty list reads nothing', asked: { authors: [] }, index: 'author', ranges: 0 },
  ])('$says', ({ asked, index, ranges }) => {
    const { index: chosen, terms } = plan(filter(asked))
    expect({ chosen, ranges: terms.length }).toEqual({ chosen: index, ranges })
  })
})

describe('no event is looked at', () => {
  test.each([
    { asked: {}, covers: true },
    { asked: { since: 5, until: 9, limit: 3 }, covers: true },
    { asked: { ids: [key('1')], kinds: [1] }, covers: true },
    { asked: { ids: [key('1')], authors: [key('2')] }, covers: false },
    { asked: { ids: [key('1')], '#g': ['x'] }, covers: false },
    { asked: { authors: [key('1')], kinds: [1] }, covers: true },
    { asked: { '#g': ['x'], kinds: [1, 2] }, covers: true },
    { asked: { '#g': ['x'], '#h': ['y'] }, covers: false },
    { asked: { '#g': ['x'], authors: [key('1')] }, covers: false },
  ])('$asked: $covers', ({ asked, covers }) => {
    expect(plan(filter(asked)).covers).toBe(covers)
  })
})
