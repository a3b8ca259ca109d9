import { describe, expect, test } from 'vitest'
import { fill, fillMarked, paddedTable, table } from './markdown.ts'

describe('a table', () => {
  test('keeps a bar inside a cell from ending it', () => {
    expect(table([['a'], ['x|y']])).toBe('|a|\n|---|\n|x\\|y|')
  })

  test('is padded as the formatter writes it', () => {
    const rows = [
      ['a', 'long head'],
      ['x|y', ''],
    ]
    expect(paddedTable(rows)).toBe('| a    | long head |\n| ---- | --------- |\n| x\\|y |           |')
  })
})

describe('a template', () => {
  test('gets a value into every hole, also where the value looks like a pattern or a hole', () => {
    expect(fill('{{a}} {{b}} {{a}}', { a: '$&', b: '{{a}}' })).toBe('$& {{a}} $&')
  })

  test.each([
    { says: 'a hole without a value is refused', template: '{{a}} {{b}}', values: { a: '1' }, why: /\{\{b\}\}/ },
    { says: 'a value without a hole is refused', template: '{{a}}', values: { a: '1', c: '2' }, why: /\{\{c\}\}/ },
  ])('$says', ({ template, values, why }) => expect(() => fill(template, values)).toThrow(why))
})

describe('marked places', () => {
  const text = 'before\n<!-- a -->\nold\n<!-- /a -->\nafter'

  test('are replaced and nothing around them, and once more changes nothing', () => {
    const filled = fillMarked(text, { a: 'new' })
    expect(filled).toBe('before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter')
    expect(fillMarked(filled, { a: 'new' })).toBe(filled)
  })

  test.each([
    { says: 'a missing place is refused', broken: 'nothing here' },
    { says: 'a place without an end is refused', broken: '<!-- a --> open' },
    { says: 'a place that is there twice is refused', broken: `${text}${text}` },
  ])('$says', ({ broken }) => expect(() => fillMarked(broken, { a: '' })).toThrow('<!-- a -->'))
})
