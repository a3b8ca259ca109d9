import { describe, expect, test } from 'vitest'
import { parseConfig, plainValue } from './parse.ts'

const read = (text: string) => plainValue(parseConfig(text))

describe('a config file', () => {
  test.each([
    {
      says: 'names and values',
      text: 'a = 1\nb: "x"\nc = true d = false, e = null',
      is: { a: 1, b: 'x', c: true, d: false, e: null },
    },
    { says: 'blocks in blocks', text: 'a {\n  b = 1\n  c { d = 2 }\n}', is: { a: { b: 1, c: { d: 2 } } } },
    { says: 'dotted names', text: 'a.b.c = 1\na.b.d = 2', is: { a: { b: { c: 1, d: 2 } } } },
    { says: 'quoted names', text: `"a b" = 1 'c-d' { x = 2 }`, is: { 'a b': 1, 'c-d': { x: 2 } } },
    { says: 'three kinds of comments', text: '# a = 0\na = 1 // b = 2\n/* c = 3\n*/ d = 4 # end', is: { a: 1, d: 4 } },
    { says: 'lists with and without commas', text: 'a = [ 1, 2 3\n"x" ]', is: { a: [1, 2, 3, 'x'] } },
    {
      says: 'JSON',
      text: '{"a": {"b": [1, -2.5e3, true, null]}, "c": "\\u00e9\\n"}',
      is: { a: { b: [1, -2500, true, null] }, c: 'é\n' },
    },
    { says: 'hexadecimal numbers', text: 'a = 0xff', is: { a: 255 } },
    { says: 'single quotation marks', text: `a = 'say "no"'`, is: { a: 'say "no"' } },
    { says: 'strings over lines', text: 'a = """\none "two"\nthree"""', is: { a: 'one "two"\nthree' } },
    { says: 'a # inside a string', text: 'a = "x # y" # z', is: { a: 'x # y' } },
    { says: 'the last value of a name', text: 'a = 1\na = 2', is: { a: 2 } },
    { says: 'a block that is added to', text: 'a { b = 1 c = 2 }\na { c = 3 }', is: { a: { b: 1, c: 3 } } },
    { says: 'a list that is added to', text: 'a = [1]\na [2]', is: { a: [1, 2] } },
    {
      says: 'a filter as strfry router has it',
      text: 'filter = { "kinds": [0, 3], "#t": ["x"] }',
      is: { filter: { kinds: [0, 3], '#t': ['x'] } },
    },
    { says: 'nothing at all', text: ' # nothing\n', is: {} },
  ])('may have $says', ({ text, is }) => {
    expect(read(text)).toEqual(is)
  })

  test('keeps the line of every value', () => {
    const conf = parseConfig('# one\na = 1\nb {\n  c = "x"\n}\n')
    expect([conf.get('a')?.line, conf.get('b')?.line]).toEqual([2, 3])
    expect(conf.get('b')?.value).toEqual(new Map([['c', { value: 'x', line: 4 }]]))
  })

  test('may name what every object has', () => {
    expect(Object.keys(read('__proto__ = 1 constructor { toString = 2 }') as object)).toEqual([
      '__proto__',
      'constructor',
    ])
  })

  test.each([
    { text: 'a = 1\nb 2', says: /^line 2: "=" is missing behind b$/ },
    { text: 'a = \n\n}', says: /^line 3: a value is expected, not "}"$/ },
    { text: 'a = yes', says: /^line 1: a value is expected, not yes$/ },
    { text: 'a = 1\nb {\n c = 1', says: /^line 3: a block is not closed$/ },
    { text: 'a = [1,\n2', says: /^line 2: a list is not closed$/ },
    { text: 'a = "x\ny"', says: /^line 1: a string is not closed$/ },
    { text: 'a = "\\q"', says: /^line 1: \\q is not known in a string$/ },
    { text: '\n/* a', says: /^line 2: a comment is not closed$/ },
    { text: '{ a = 1 }\nb = 2', says: /^line 2: there is something behind the closing brace$/ },
    { text: '3 = a', says: /^line 1: a name is expected, not "3"$/ },
    { text: '(include "x.conf")', says: /^line 1: .* no includes/ },
    { text: 'a = 1\na += 2', says: /^line 2: "\+=" is not supported$/ },
    { text: 'a = 1 + 2', says: /^line 1: sums are not supported$/ },
  ])('is refused with the line: $text', ({ text, says }) => {
    expect(() => parseConfig(text)).toThrow(says)
  })
})
