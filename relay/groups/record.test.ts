import { describe, expect, test } from 'vitest'
import { groupKind } from '#nips/nip29'
import { admin, bookAfter, eventOf, key, member, moderator, outsider, type Step, self } from '../testing/groups.ts'
import { advance, refuseAction } from './record.ts'

const {
  putUser,
  removeUser,
  editMetadata,
  deleteEvent,
  createGroup,
  deleteGroup,
  createInvite,
  updatePins,
  join,
  leave,
} = groupKind

const closed: Step = [admin, editMetadata, ['closed']]

describe('who may do what', () => {
  const everybody = { admin, moderator, member, outsider, self }
  const allowed: { what: string; step: Step; by: (keyof typeof everybody)[] }[] = [
    { what: 'add a member', step: ['', putUser, ['p', outsider]], by: ['admin', 'moderator', 'self'] },
    { what: 'give a role', step: ['', putUser, ['p', member, 'moderator']], by: ['admin', 'self'] },
    { what: 'give a label that means nothing', step: ['', putUser, ['p', member, 'chef']], by: ['admin', 'self'] },
    { what: 'take a role', step: ['', putUser, ['p', moderator]], by: ['admin', 'self'] },
    { what: 'remove a member', step: ['', removeUser, ['p', member]], by: ['admin', 'moderator', 'self'] },
    { what: 'remove a moderator', step: ['', removeUser, ['p', moderator]], by: ['admin', 'self'] },
    { what: 'remove the last admin', step: ['', removeUser, ['p', admin]], by: ['self'] },
    { what: 'edit', step: ['', editMetadata, ['name', 'Pasta']], by: ['admin', 'self'] },
    { what: 'delete an event', step: ['', deleteEvent, ['e', key('f')]], by: ['admin', 'moderator', 'self'] },
    { what: 'delete the group', step: ['', deleteGroup], by: ['admin', 'self'] },
    { what: 'invite', step: ['', createInvite, ['code', 'x']], by: ['admin', 'moderator', 'self'] },
    { what: 'pin', step: ['', updatePins, ['e', key('f')]], by: ['admin', 'moderator', 'self'] },
    { what: 'join', step: ['', join], by: ['outsider', 'self'] },
    { what: 'leave', step: ['', leave], by: ['moderator', 'member', 'self'] },
    { what: 'create it again', step: ['', createGroup], by: ['self'] },
    { what: 'do what no kind is for', step: ['', 9003], by: [] },
  ]
  test.each(allowed)('$what', ({ step: [, kind, ...tags], by }) => {
    const may = Object.entries(everybody).filter(
      ([, pubkey]) => refuseAction(eventOf([pubkey, kind, ...tags]), bookAfter()) === undefined,
    )
    expect(may.map(([name]) => name)).toEqual(by)
  })
})

describe('what is refused, and in which words', () => {
  const cases: { says: string; before?: Step[]; step: Step; reason: RegExp; id?: string }[] = [
    { says: 'another group', step: [admin, editMetadata], id: 'pasta', reason: /^invalid: no such group/ },
    { says: 'no name', step: [admin, createGroup], id: '', reason: /^invalid: the event needs an "h" tag/ },
    { says: 'a name with a space', step: [admin, createGroup], id: 'a b', reason: /^invalid: the event needs an "h"/ },
    { says: 'a long name', step: [admin, createGroup], id: 'x'.repeat(65), reason: /^invalid/ },
    { says: 'a name that is taken', step: [outsider, createGroup], reason: /^blocked: this group id is not available/ },
    {
      says: 'the name of a deleted group',
      before: [[admin, deleteGroup]],
      step: [outsider, createGroup],
      reason: /^blocked: this group id is not available/,
    },
    { says: 'what expires', step: [admin, putUser, ['p', outsider], ['expiration', '2000000000']], reason: /^invalid/ },
    { says: 'nobody to put', step: [admin, putUser], reason: /^invalid: the event needs a "p"/ },
    { says: 'no key', step: [admin, putUser, ['p', 'x']], reason: /^invalid: the event needs a "p"/ },
    { says: 'too many roles', step: [admin, putUser, ['p', outsider, ...'abcdefghi']], reason: /^invalid: at most 8/ },
    { says: 'no event', step: [admin, deleteEvent], reason: /^invalid: the event needs an "e"/ },
    { says: 'no id', step: [admin, deleteEvent, ['e', 'x']], reason: /^invalid/ },
    { says: 'no code', step: [admin, createInvite], reason: /^invalid: the event needs a "code"/ },
    { says: 'uses that are no number', step: [admin, createInvite, ['code', 'x', 'often']], reason: /^invalid/ },
    { says: 'a long code', step: [admin, createInvite, ['code', 'x'.repeat(65)]], reason: /^invalid/ },
    { says: 'a pin that is nothing', step: [admin, updatePins, ['e', 'x']], reason: /^invalid/ },
    { says: 'an address that is none', step: [admin, updatePins, ['a', 'x']], reason: /^invalid/ },
    {
      says: 'too many pins',
      step: [admin, updatePins, ...Array.from({ length: 51 }, () => ['e', key('f')])],
      reason: /^invalid: at most 50 pins/,
    },
    { says: 'who is in already', step: [member, join], reason: /^duplicate: you are a member/ },
    { says: 'who is not in', step: [outsider, leave], reason: /^restricted: leave is for members/ },
    { says: 'a closed door', before: [closed], step: [outsider, join], reason: /^restricted: this group is closed/ },
    {
      says: 'a wrong code',
      before: [closed],
      step: [outsider, join, ['code', 'x']],
      reason: /^restricted: this invite is not good/,
    },
    { says: 'the last admin who leaves', step: [admin, leave], reason: /^blocked: a group keeps an admin/ },
    { says: 'the last admin who steps down', step: [admin, putUser, ['p', admin]], reason: /^blocked: a group keeps/ },
    {
      says: 'a hidden group, for a stranger',
      before: [[admin, editMetadata, ['hidden']]],
      step: [outsider, join],
      reason: /^invalid: no such group/,
    },
    {
      says: 'a hidden group, for a stranger who would lead it',
      before: [[admin, editMetadata, ['hidden']]],
      step: [outsider, putUser, ['p', outsider]],
      reason: /^invalid: no such group/,
    },
    {
      says: 'whose role was taken before',
      before: [[admin, putUser, ['p', moderator]]],
      step: [moderator, removeUser, ['p', member]],
      reason: /^restricted: remove-user is for admins and moderators/,
    },
  ]
  test.each(cases)('$says', ({ before = [], step, reason, id }) => {
    const book = bookAfter(...before)
    const event = eventOf(step, id)
    expect(refuseAction(event, book)?.reason).toMatch(reason)
    const was = structuredClone(book.groups)
    advance(book, event)
    expect(book.groups).toEqual(was)
  })
})
