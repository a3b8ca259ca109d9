import { expect, test } from 'vitest'
import { cleanName, encodePost, placeOf, profileOf } from './community.ts'
import { person } from './testing/person.ts'

const [first, second, third] = ['1'.repeat(64), '2'.repeat(64), '3'.repeat(64)]

test.each([
  { says: 'a first post', kind: 1, tags: [], place: {} },
  {
    says: 'an answer with markers',
    kind: 1,
    tags: [
      ['e', first, '', 'root'],
      ['e', second, '', 'reply'],
    ],
    place: { root: first, parent: second },
  },
  {
    says: 'an answer to a first post',
    kind: 1,
    tags: [['e', first, '', 'root']],
    place: { root: first, parent: first },
  },
  {
    says: 'an answer of before markers',
    kind: 1,
    tags: [
      ['e', first],
      ['e', third],
      ['e', second],
    ],
    place: { root: first, parent: second },
  },
  { says: 'a mention', kind: 1, tags: [['e', first, '', 'mention']], place: {} },
  {
    says: 'a comment',
    kind: 1111,
    tags: [
      ['E', first],
      ['e', second],
      ['k', '1111'],
    ],
    place: { root: first, parent: second },
  },
])('$says is placed', ({ kind, tags, place }) => {
  expect(placeOf({ kind, tags })).toEqual(place)
})

test('a note is answered by a note, a comment by a comment with the same root', () => {
  const [asker, author] = [person(), person()]
  const note = asker.sign({
    tags: [
      ['e', first, '', 'root'],
      ['p', author.pubkey],
    ],
  })
  expect(encodePost('hi', note, 9)).toEqual({
    kind: 1,
    created_at: 9,
    content: 'hi',
    tags: [
      ['e', first, '', 'root'],
      ['e', note.id, '', 'reply', asker.pubkey],
      ['p', asker.pubkey],
      ['p', author.pubkey],
    ],
  })
  const comment = asker.sign({
    kind: 1111,
    tags: [
      ['E', first],
      ['K', '11'],
      ['e', second],
      ['k', '11'],
    ],
  })
  expect(encodePost('hi', comment, 9)).toMatchObject({
    kind: 1111,
    tags: [
      ['E', first],
      ['K', '11'],
      ['e', comment.id, '', asker.pubkey],
      ['k', '1111'],
      ['p', asker.pubkey],
    ],
  })
})

test.each([
  {
    says: 'a display name',
    content: '{"name":"m","display_name":"Somebody"}',
    shows: { name: 'Somebody', agent: false },
  },
  { says: 'an agent', content: '{"name":"helper","bot":true}', shows: { name: 'helper', agent: true } },
  { says: 'no name', content: '{"name":7}', shows: { agent: false } },
  { says: 'no JSON', content: 'hello', shows: { agent: false } },
])('a profile with $says', ({ content, shows }) => {
  const { pubkey } = person()
  expect(profileOf({ pubkey, content })).toMatchObject(shows)
})

test('a name cannot turn the line around or fill it', () => {
  expect(cleanName('a\u202eb\u0000\n\tc  d')).toBe('ab c d')
  expect(cleanName('x'.repeat(200))).toHaveLength(40)
})
