import { expect, test } from 'vitest'
import { segmentsOf } from './segments.ts'

const shape = (text: string) => segmentsOf(text).map(({ type, text: part }) => `${type}:${part}`)

test.each([
  ['no address', ['text:no address']],
  ['see https://example.com/a_b.', ['text:see ', 'link:https://example.com/a_b', 'text:.']],
  ['(https://example.com)', ['text:(', 'link:https://example.com', 'text:)']],
  ['https://example.com/a_(b)', ['link:https://example.com/a_(b)']],
  ['javascript:alert(1)', ['text:javascript:alert(1)']],
  ['https://a.example"onclick=x', ['link:https://a.example', 'text:"onclick=x']],
  ['hi nostr:npub1qqqqqq!', ['text:hi ', 'reference:npub1qqqqqq', 'text:!']],
])('%s', (text, parts) => {
  expect(shape(text)).toEqual(parts)
})
