import { describe, expect, test } from 'vitest'
import { parseFilter } from '#nips/filter'
import { isHiddenKind, mayBeKept, mayRead, needsLook, RELAY, readerOf, refuseFilter, stranger } from './read-rules.ts'
import { toJson } from './store/store.ts'

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

describe('what a glance at the text lets through, the rule lets through', () => {
  const hidden = new Set(['h ours', 'd ours', 'h known'])
  const rows = [
    { says: 'a post', kind: 9, tags: [['h', 'ours']], isRead: false },
    { says: 'a post with its tag last', kind: 9, tags: [['e', you], ['-'], ['h', 'known', 'more']], isRead: false },
    { says: 'a state', kind: 39_000, tags: [['d', 'ours']], isRead: false },
    { says: 'the state of a group that is no secret', kind: 39_000, tags: [['d', 'known']], isRead: true },
    { says: 'its members', kind: 39_002, tags: [['d', 'known']], isRead: false },
    { says: 'a post to another group', kind: 9, tags: [['h', 'open']], isRead: true },
    { says: 'a note that quotes a post', kind: 1, tags: [['t', '["h","ours"]']], isRead: true },
    { says: 'a note', kind: 1, tags: [], isRead: true },
    { says: 'an invite', kind: 9009, tags: [['h', 'open']], isRead: false },
    { says: 'a list with such a name', kind: 30_000, tags: [['d', 'ours']], isRead: true },
  ]
  test.each(rows)('$says', ({ kind, tags, isRead }) => {
    const event = { id: you, pubkey: you, created_at: 1, kind, tags, content: '', sig: '' }
    const reader = readerOf([me], hidden)
    expect(mayRead(event, reader)).toBe(isRead)
    if (!mayBeKept(kind, toJson(event), reader)) expect(isRead).toBe(true)
    expect(mayRead(event, readerOf([me], new Set([RELAY])))).toBe(false)
    expect(mayBeKept(kind, toJson(event), readerOf([me], new Set([RELAY])))).toBe(true)
  })

  test('and does so without a look at most of them', () => {
    const passed = rows.filter(({ kind, tags }) => {
      const event = { id: you, pubkey: you, created_at: 1, kind, tags, content: '["h","x"]', sig: '' }
      return !mayBeKept(kind, toJson(event), readerOf([me], hidden))
    })
    expect(passed.map(({ says }) => says)).toEqual(['a note that quotes a post', 'a note', 'a list with such a name'])
  })
})
