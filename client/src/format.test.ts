import { expect, test } from 'vitest'
import { ago, bytes, count, duration, modelWords, shortKey, visible, words } from './format.ts'

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [65, '1 min 05 s'],
  [3600, '1 h 00 min'],
  [7380, '2 h 03 min'],
  [-5, '0 s'],
])('%d seconds last %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

test.each([
  [0, 'now'],
  [-30, 'now'],
  [120, '2 min ago'],
  [7300, '2 h ago'],
])('%d seconds ago is %s', (seconds, text) => {
  expect(ago(1_800_000_000 - seconds, 1_800_000_000)).toBe(text)
})

test('what cannot be seen is written out', () => {
  expect(visible('pay\u202e5\u200b1\u0007')).toBe('pay\\u{202E}5\\u{200B}1\\u{0007}')
  expect(visible('plain text: ä, 漢字, 🙂')).toBe('plain text: ä, 漢字, 🙂')
})

test('keys, sums, words and bytes read as people count them', () => {
  expect(shortKey(`npub1abcd${'x'.repeat(50)}wxyz`)).toBe('npub1abcd…wxyz')
  expect([count(1, 'reply', 'replies'), count(2, 'reply', 'replies'), count(0, 'word')]).toEqual([
    '1 reply',
    '2 replies',
    '0 words',
  ])
  expect(words("It's a well-known fact.\n\n- one")).toBe(5)
  expect(bytes('aä漢')).toBe(6)
})

test('a model is named by its provider, the offline one by what it is', () => {
  expect(modelWords({ name: 'gpt', label: 'OpenAI', offline: false })).toBe('OpenAI gpt')
  expect(modelWords({ name: 'offline', label: 'Offline model', offline: true })).toBe('Offline model, built in')
})
