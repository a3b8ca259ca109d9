import { describe, expect, test } from 'vitest'
import {
  actionKinds,
  carriesCode,
  decodeGroupMetadata,
  decodeInvites,
  encodeGroupMetadata,
  encodeInvite,
  groupKind,
  groupOf,
  isGroupAction,
  isGroupId,
  isGroupState,
  namedUsers,
  stateKinds,
  timelineReferences,
} from './nip29.ts'

const P = 'd'.repeat(64)

describe('the metadata of a group', () => {
  test.each([
    { says: 'nothing', tags: [] },
    {
      says: 'all there is',
      tags: [
        ['name', 'Pizza'],
        ['picture', 'https://x.example/p'],
        ['banner', 'https://x.example/b'],
        ['about', 'round'],
        ['private'],
        ['restricted'],
        ['hidden'],
        ['closed'],
        ['supported_kinds', '9', '11'],
        ['parent', 'food'],
      ],
    },
    { says: 'no kind at all', tags: [['supported_kinds']] },
  ])('is written as it was read: $says', ({ tags }) => {
    expect(encodeGroupMetadata(decodeGroupMetadata({ tags }))).toEqual(tags)
  })

  test('leaves out what is empty, no kind, or of no meaning', () => {
    const tags = [
      ['h', 'x'],
      ['name', ''],
      ['livekit'],
      ['supported_kinds', '9', 'x', '1.5'],
      ['parent', ''],
      ['child', 'y'],
    ]
    expect(encodeGroupMetadata(decodeGroupMetadata({ tags }))).toEqual([['supported_kinds', '9']])
  })
})

describe('invites', () => {
  test.each([
    { tags: [['code', 'x']], uses: [Number.POSITIVE_INFINITY] },
    { tags: [['code', 'x', '']], uses: [Number.POSITIVE_INFINITY] },
    {
      tags: [
        ['code', 'x', '3'],
        ['code', 'y', '0'],
      ],
      uses: [3, 0],
    },
    { tags: [['code', 'x', '-1']], uses: [] },
    { tags: [['code', 'x', '1e9']], uses: [] },
    { tags: [['code', '']], uses: [] },
    { tags: [['code'], ['h', 'x']], uses: [] },
  ])('of $tags', ({ tags, uses }) => {
    const invites = decodeInvites({ tags })
    expect(invites.map((invite) => invite.uses)).toEqual(uses)
    expect(decodeInvites({ tags: invites.map(encodeInvite) })).toEqual(invites)
  })
})

test.each([
  { id: 'pizza', fits: true },
  { id: '_', fits: true },
  { id: 'A-b.c~9', fits: true },
  { id: 'x'.repeat(64), fits: true },
  { id: 'x'.repeat(65), fits: false },
  { id: '', fits: false },
  { id: 'a b', fits: false },
  { id: "a'b", fits: false },
  { id: 'a\nb', fits: false },
])('$id is an id of a group: $fits', ({ id, fits }) => {
  expect(isGroupId(id)).toBe(fits)
})

test('what an event says of groups, users and what came before', () => {
  const event = {
    tags: [
      ['h', 'pizza'],
      ['h', 'pasta'],
      ['p', P, 'admin', 'admin', ''],
      ['p'],
      ['previous', 'aaaaaaaa', 'bbbbbbbb'],
      ['previous', 'cccccccc'],
    ],
  }
  expect(groupOf(event)).toBe('pizza')
  expect(namedUsers(event)).toEqual([[P, ['admin']]])
  expect(timelineReferences(event)).toEqual(['aaaaaaaa', 'bbbbbbbb', 'cccccccc'])
})

test('every kind changes a group or tells about it', () => {
  for (const kind of Object.values(groupKind))
    expect([isGroupAction(kind), isGroupState(kind)].filter(Boolean)).toHaveLength(1)
  expect([actionKinds.every(isGroupAction), stateKinds.every(isGroupState)]).toEqual([true, true])
  expect([8999, 9023, 38_999, 39_010].filter((kind) => isGroupAction(kind) || isGroupState(kind))).toEqual([])
  expect(Object.values(groupKind).filter(carriesCode)).toEqual([9009, 9021])
})
