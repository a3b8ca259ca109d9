import { describe, expect, test } from 'vitest'
import { groupKind } from '#nips/nip29'
import { unsigned } from '../testing/events.ts'
import {
  admin,
  bookAfter,
  eventOf,
  groupAfter,
  key,
  member,
  moderator,
  outsider,
  type Step,
  second,
  self,
} from '../testing/groups.ts'
import { createBook } from './group.ts'
import { advance } from './record.ts'

const { putUser, removeUser, editMetadata, createGroup, createInvite, updatePins, join, leave } = groupKind

const closed: Step = [admin, editMetadata, ['closed']]

describe('what follows', () => {
  test('an edit sets what it names and clears the rest', () => {
    const { metadata } = groupAfter(
      [admin, editMetadata, ['name', 'Pizza'], ['about', 'round'], ['private'], ['supported_kinds', '9', '11']],
      [admin, editMetadata, ['name', 'Pizza'], ['restricted'], ['supported_kinds']],
    )
    expect(metadata).toEqual({ texts: { name: 'Pizza' }, flags: new Set(['restricted']), kinds: [] })
  })

  test('a group may be private from its first moment', () => {
    const book = createBook(self)
    advance(book, eventOf([admin, createGroup, ['name', 'Ours'], ['private'], ['hidden']]))
    expect(book.groups.get('pizza')?.metadata.flags).toEqual(new Set(['private', 'hidden']))
  })

  test('who joins by own wish is announced, keeping the role that was given meanwhile', () => {
    const joined = groupAfter([outsider, join])
    expect(joined.owed.get(outsider)).toBe('put')
    const said = groupAfter(
      [outsider, join],
      [admin, putUser, ['p', outsider, 'moderator']],
      [self, putUser, ['p', outsider]],
    )
    expect([said.members.get(outsider), said.owed.size]).toEqual([['moderator'], 0])
  })

  test.each<{ says: string; steps: Step[]; isMember: boolean; owed: number }>([
    {
      says: 'in, out',
      steps: [
        [outsider, join],
        [outsider, leave],
      ],
      isMember: false,
      owed: 1,
    },
    {
      says: 'in, out, said in',
      steps: [
        [outsider, join],
        [outsider, leave],
        [self, putUser, ['p', outsider]],
      ],
      isMember: false,
      owed: 1,
    },
    {
      says: 'out, in, said out',
      steps: [
        [member, leave],
        [member, join],
        [self, removeUser, ['p', member]],
      ],
      isMember: true,
      owed: 1,
    },
    {
      says: 'out, said out',
      steps: [
        [member, leave],
        [self, removeUser, ['p', member]],
      ],
      isMember: false,
      owed: 0,
    },
    { says: 'said in, although the wish is gone', steps: [[self, putUser, ['p', outsider]]], isMember: true, owed: 0 },
  ])('what the relay says late does not undo a change of mind: $says', ({ steps, isMember, owed }) => {
    const group = groupAfter(...steps)
    const who = steps.flat(2).includes(member) ? member : outsider
    expect([group.members.has(who), group.owed.size]).toEqual([isMember, owed])
  })

  test.each<{ says: string; invite: string[]; joining: number; isIn: number }>([
    { says: 'for everybody', invite: ['code', 'x'], joining: 3, isIn: 3 },
    { says: 'for two', invite: ['code', 'x', '2'], joining: 3, isIn: 2 },
    { says: 'for one', invite: ['code', 'x', '1'], joining: 2, isIn: 1 },
    { says: 'for nobody', invite: ['code', 'x', '0'], joining: 1, isIn: 0 },
  ])('a code lets in as many as it is for: $says', ({ invite, joining, isIn }) => {
    const guests = Array.from({ length: joining }, (_, at) => key(String(at + 1)))
    const steps = guests.map((guest): Step => [guest, join, ['code', 'x']])
    const { members } = groupAfter(closed, [moderator, createInvite, invite], ...steps)
    expect(guests.filter((guest) => members.has(guest))).toHaveLength(isIn)
  })

  test('an open group does not use codes up, and a code taken back is no good', () => {
    const { invites } = groupAfter([admin, createInvite, ['code', 'x', '1']], [outsider, join, ['code', 'x']])
    expect(invites.get('x')).toBe(1)
    const after = groupAfter(
      [admin, createInvite, ['code', 'x']],
      closed,
      [admin, createInvite, ['code', 'x', '0']],
      [outsider, join, ['code', 'x']],
    )
    expect(after.members.has(outsider)).toBe(false)
  })

  test('a hidden group lets a guest with a code in', () => {
    const { members } = groupAfter(
      [admin, editMetadata, ['hidden'], ['closed']],
      [admin, createInvite, ['code', 'x']],
      [outsider, join, ['code', 'x']],
    )
    expect(members.has(outsider)).toBe(true)
  })

  test('pins stand in the order they are given, and none clears them', () => {
    const pins = [
      ['a', `30023:${admin}:x`],
      ['e', key('f')],
    ]
    expect(groupAfter([moderator, updatePins, ...pins]).pins).toEqual(pins)
    expect(groupAfter([moderator, updatePins, ...pins], [moderator, updatePins]).pins).toEqual([])
  })

  test('whoever vanishes is a member no more', () => {
    const book = bookAfter()
    advance(book, unsigned({ pubkey: member, kind: 62, tags: [['relay', 'ALL_RELAYS']] }))
    expect(book.groups.get('pizza')?.members.has(member)).toBe(false)
  })

  test('two admins who remove each other: the first to arrive stays', () => {
    const { members } = groupAfter(
      [admin, putUser, ['p', second, 'admin']],
      [second, removeUser, ['p', admin]],
      [admin, removeUser, ['p', second]],
    )
    expect([members.has(second), members.has(admin)]).toEqual([true, false])
  })
})
