import { expect, test } from 'vitest'
import { accessKind, claimOf, encodeInvite, encodeMembers, encodeMembership, encodeRole } from './nip43.ts'

const P = 'd'.repeat(64)

test.each([
  { says: 'members', event: encodeMembers([[P, ['king']]]), kind: 13_534, tags: [['member', P, 'king']] },
  { says: 'who came', event: encodeMembership(P, true), kind: 8000, tags: [['p', P]] },
  { says: 'who went', event: encodeMembership(P, false), kind: 8001, tags: [['p', P]] },
  {
    says: 'a role',
    event: encodeRole('k', { label: 'King', description: '', order: '1' }),
    kind: 33_534,
    tags: [
      ['d', 'k'],
      ['label', 'King'],
      ['order', '1'],
    ],
  },
  { says: 'an invite', event: encodeInvite('x'), kind: 28_935, tags: [['claim', 'x']] },
])('a relay tells $says in a protected event', ({ event, kind, tags }) => {
  expect(event).toEqual({ kind, tags: [['-'], ...tags], content: '' })
})

test('the code of a request to join is the one of its claim', () => {
  expect([claimOf(encodeInvite('x')), claimOf({ tags: [] })]).toEqual(['x', ''])
  expect(new Set(Object.values(accessKind)).size).toBe(7)
})
