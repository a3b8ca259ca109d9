import { expect, test } from 'vitest'
import { type Block, BlockReader, heal, safeHref } from './blocks.ts'

const read = (text: string): Block[] => new BlockReader().read(text, true).blocks

const everything = (blocks: Block[]): Block[] =>
  blocks.flatMap((block) => [
    block,
    ...('kids' in block ? everything(block.kids) : []),
    ...(block.type === 'table'
      ? everything([...block.head, ...block.rows.flatMap(({ cells }) => cells)].flatMap(({ kids }) => kids))
      : []),
  ])

const plain = (blocks: Block[]): string =>
  everything(blocks)
    .map((block) => ('text' in block ? block.text : ''))
    .join('')

test.each([
  { says: 'raw HTML', text: 'a <img src=x onerror=alert(1)> b' },
  { says: 'a script block', text: '<script>alert(1)</script>' },
  { says: 'an event handler in a list', text: '- <b onclick="x()">hi</b>' },
  { says: 'HTML in a table', text: '| a |\n|--|\n| <iframe src=//x> |' },
])('$says is text', ({ text }) => {
  const blocks = everything(read(text))
  expect(plain(read(text))).toContain('<')
  expect(blocks.every(({ type }) => type !== ('html' as string))).toBe(true)
})

test.each([
  ['javascript:alert(1)', undefined],
  ['JaVaScRiPt:alert(1)', undefined],
  [' javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['vbscript:x', undefined],
  ['/relative', undefined],
  ['https://example.com/a?b=1', 'https://example.com/a?b=1'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['nostr:npub1abc', 'nostr:npub1abc'],
])('the address %s opens as %s', (href, safe) => {
  expect(safeHref(href)).toBe(safe)
})

test('a link with a forbidden address keeps its text, a picture becomes a link', () => {
  const [paragraph] = read('[press](javascript:x) ![a cat](https://example.com/c.png)')
  expect(paragraph).toMatchObject({
    kids: [
      { type: 'link', href: undefined, kids: [{ text: 'press' }] },
      { type: 'text' },
      { type: 'link', href: 'https://example.com/c.png', kids: [{ text: 'a cat' }] },
    ],
  })
})

test('entities are read in text and left alone in code', () => {
  expect(plain(read('a &lt; b'))).toBe('a < b')
  expect(plain(read('`a &lt; b`'))).toBe('a &lt; b')
})

const sample =
  '# Title\n\nSome **bold** text.\n\n- one\n- two\n\n```js\nlet a = 1\n\nlet b = 2\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\nThe end.'

test('a text read in pieces ends as the text read at once', () => {
  for (const size of [1, 3, 7]) {
    const reader = new BlockReader()
    let blocks: Block[] = []
    for (let end = size; end < sample.length + size; end += size) {
      const { from, blocks: changed } = reader.read(sample.slice(0, end), end >= sample.length)
      blocks = [...blocks.slice(0, from), ...changed]
    }
    expect(blocks).toEqual(read(sample))
  }
})

test('finished blocks are not read again', () => {
  const reader = new BlockReader()
  reader.read('first paragraph\n\nsecond', false)
  expect(reader.read('first paragraph\n\nsecond grows', false).from).toBe(1)
})

test('a text that is another one is read from the start', () => {
  const reader = new BlockReader()
  reader.read('one\n\ntwo\n\nthree', false)
  const { from, blocks } = reader.read('something else', true)
  expect([from, plain(blocks)]).toEqual([0, 'something else'])
})

test.each([
  ['some **bo', 'some **bo**'],
  ['some **bold** te', 'some **bold** te'],
  ['some `co', 'some `co`'],
  ['see [the do', 'see the do'],
  ['see [the docs](https://exa', 'see the docs'],
  ['see [the docs](https://example.com)', 'see [the docs](https://example.com)'],
  ['ends with *', 'ends with '],
  ['```js\nlet a = `', '```js\nlet a = `'],
])('while it grows, %j is read as %j', (text, healed) => {
  expect(heal(text)).toBe(healed)
})
