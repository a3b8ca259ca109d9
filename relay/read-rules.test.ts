import { describe, expect, test } from 'vitest'
import { parseFilter } from '#nips/filter'
import { isHiddenKind, mayRead, needsLook, readerOf, refuseFilter, stranger } from './read-rules.ts'

const [me, you] = ['a'.repeat(64), 'b'.repeat(64)] as const

describe('a filter', () => {
  test.each([
    { says: 'for public kinds is free', asked: { kinds: [1] }, reader: [], code: undefined },
    { says: 'without kinds is free', asked: { '#p': [you] }, reader: [], code: undefined },
    { says: 'for a private kind wants a sign-in', asked: { kinds: [1059] }, reader: [], code: 'unauthenticated' },
    {
      says: 'for a private kind among others wants a sign-in',
      asked: { kinds: [1, 7000] },
      reader: [],
      code: 'unauthenticated',
    },
    { says: 'for private kinds is free once signed in', asked: { kinds: [1059] }, reader: [me], code: undefined },
    { says: 'for what was sent to me is free', asked: { kinds: [1059], '#p': [me] }, reader: [me], code: undefined },
    {
      says: 'for what was sent to me or you is free',
      asked: { kinds: [1059], '#p': [you, me] },
      reader: [me],
      code: undefined,
    },
    {
      says: 'for what was sent to you is refused',
      asked: { kinds: [1059], '#p': [you] },
      reader: [me],
      code: 'unauthorized',
    },
    {
      says: 'for what I sent to you is free',
      asked: { kinds: [5785], '#p': [you], authors: [me] },
      reader: [me],
      code: undefined,
    },
    {
      says: 'for what you sent to yourself is refused',
      asked: { kinds: [5785], '#p': [you], authors: [you] },
      reader: [me],
      code: 'unauthorized',
    },
    {
      says: 'for what you sent, maybe to me, is free',
      asked: { kinds: [6785], authors: [you] },
      reader: [me],
      code: undefined,
    },
    {
      says: 'counts every key that has signed in',
      asked: { kinds: [1059], '#p': [you] },
      reader: [me, you],
      code: undefined,
    },
  ])('$says', ({ asked, reader, code }) => {
    expect(refuseFilter(parseFilter(asked), readerOf(reader))?.code).toBe(code)
  })
})

test('the kind alone hides events from strangers only where the rule does, and says when the rule has to be asked', () => {
  const wrong = Array.from({ length: 65_536 }, (_, kind) => kind).filter((kind) => {
    const [strange, mine] = [
      { kind, pubkey: you, tags: [] },
      { kind, pubkey: me, tags: [['p', me]] },
    ]
    return (
      isHiddenKind(kind, stranger) !== !mayRead(mine, stranger) ||
      isHiddenKind(kind, readerOf([me])) ||
      needsLook(kind, readerOf([me])) !== !mayRead(strange, readerOf([me])) ||
      !needsLook(kind, readerOf([me], new Set(['h private'])))
    )
  })
  expect(wrong).toEqual([])
  expect([1059, 5785, 9009].filter((kind) => !needsLook(kind, readerOf([me])))).toEqual([])
})
