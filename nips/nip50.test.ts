import { describe, expect, test } from 'vitest'
import { matches, parseFilter } from './filter.ts'
import { isFound, searchWords, wordsOf } from './nip50.ts'

test.each([
  { text: 'Hello, World!', words: ['hello', 'world'] },
  { text: "don't e-mail me@x.example", words: ['don', 't', 'e', 'mail', 'me', 'x', 'example'] },
  { text: 'ÜBER straße Ⅷ ﬁne', words: ['über', 'straße', 'viii', 'fine'] },
  { text: 'cafe\u0301 café', words: ['café', 'café'] },
  { text: 'नमस्ते 日本語 #nostr', words: ['नमस्ते', '日本語', 'nostr'] },
  { text: '21 000 \u0000 \n -- "" *', words: ['21', '000'] },
  { text: '', words: [] },
])('the words of $text', ({ text, words }) => {
  expect(wordsOf(text)).toEqual(words)
})

describe('a query', () => {
  test.each([
    { says: 'is its words, each once', query: 'Best best nostr-apps', words: ['best', 'nostr', 'apps'] },
    { says: 'is read without extensions', query: 'orange language:en include:spam x', words: ['orange', 'x'] },
    { says: 'may end a sentence with a colon', query: 'note: this', words: ['note', 'this'] },
    {
      says: 'has no operators',
      query: '"a b" OR -c NEAR(d) e* ^f',
      words: ['a', 'b', 'or', 'c', 'near', 'd', 'e', 'f'],
    },
    { says: 'has eight words at most', query: 'a b c d e f g h i j', words: [...'abcdefgh'] },
    { says: 'may have none', query: 'language:en ! ?', words: [] },
  ])('$says', ({ query, words }) => {
    expect(searchWords(query)).toEqual(words)
    expect(searchWords(words.join(' '))).toEqual(words)
  })

  const content = 'The quick brown fox: jumps, OVER!'
  test.each([
    { query: 'fox', found: true },
    { query: 'over QUICK', found: true },
    { query: 'fox cat', found: false },
    { query: 'fo', found: false },
    { query: 'jumps domain:example.com', found: true },
  ])('$query is found: $found', ({ query, found }) => {
    expect(isFound(query, { kind: 1, content })).toBe(found)
    expect(isFound(query, { kind: 1059, content })).toBe(false)
    const event = { id: '', pubkey: '', created_at: 1, kind: 1, tags: [], content, sig: '' }
    expect(matches(parseFilter({ search: query, kinds: [1] }), event)).toBe(found)
    expect(matches(parseFilter({ search: query, kinds: [2] }), event)).toBe(false)
  })
})

test.each([
  { says: 'no text', search: 1, message: 'error parsing search' },
  { says: 'a list', search: ['x'], message: 'error parsing search' },
  { says: 'too long', search: 'x'.repeat(257), message: 'error parsing search: too long' },
])('a search that is $says is refused', ({ search, message }) => {
  expect(() => parseFilter({ search })).toThrow(message)
})

test('a search without a word asks for nothing in particular', () => {
  expect(parseFilter({ search: ' language:en ', kinds: [1] })).toEqual(parseFilter({ kinds: [1] }))
  expect(parseFilter({ search: 'x'.repeat(256) }).search).toHaveLength(256)
})
