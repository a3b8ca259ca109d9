import { expect, test } from 'vitest'
import { openEnvelope } from './envelope.ts'

const CONTEXT =
  '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nActive exec sessions:\nnone\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>'
const RUNTIME = 'Runtime: agent=main | session=agent:main:x | os=Linux | model=offline'

test.each([
  { says: 'plain words', raw: 'Hello there', text: 'Hello there' },
  { says: 'a time', raw: '[Mon 2026-11-23 00:54 UTC] Hello', text: 'Hello', when: 'Mon 2026-11-23 00:54 UTC' },
  { says: 'the runtime', raw: `Hello\n\n${RUNTIME}`, text: 'Hello' },
  {
    says: 'both',
    raw: `[Mon 2026-11-23 00:54 UTC] Hello\n\n${RUNTIME}`,
    text: 'Hello',
    when: 'Mon 2026-11-23 00:54 UTC',
  },
  { says: 'internal context alone', raw: CONTEXT, text: '' },
  { says: 'internal context behind', raw: `Hello\n${CONTEXT}`, text: 'Hello' },
  { says: 'internal context before', raw: `${CONTEXT}\nHello`, text: 'Hello' },
  { says: 'two contexts', raw: `${CONTEXT}\nHello\n${CONTEXT}\nyou`, text: 'Hello\n\nyou' },
  { says: 'a context that never ends', raw: 'Hello\n<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nsecret', text: 'Hello' },
  { says: 'an end alone', raw: 'Hello <<<END_OPENCLAW_INTERNAL_CONTEXT>>>', text: 'Hello' },
  {
    says: 'marked JSON',
    raw: 'Sender: ⟦openclaw:ctx⟧\n```json\n{\n\n"name":"x"}\n```\n\nHello',
    text: 'Hello',
  },
  { says: 'a marked block', raw: 'Reply to: ⟦openclaw:ctx⟧\nsomebody\n\nHello', text: 'Hello' },
  { says: 'a marked tail', raw: 'Hello\n\nContext: ⟦openclaw:ctx⟧\nall\n\nof it', text: 'Hello' },
  { says: 'memory', raw: 'Context:\n<active_memory_plugin>\nold\n</active_memory_plugin>\n\nHello', text: 'Hello' },
  { says: 'a delivery hint', raw: 'Delivery: to send a message, use the `message` tool.\nHello', text: 'Hello' },
  { says: 'a comment', raw: '<!-- openclaw:attempt:STABLE -->\nHello', text: 'Hello' },
  { says: 'brackets of the person', raw: '[x] buy milk', text: '[x] buy milk' },
  { says: 'the word runtime', raw: 'What is a Runtime: agent?', text: 'What is a Runtime: agent?' },
])('of a message with $says the words of the person are left', ({ raw, text, when }) => {
  expect(openEnvelope(raw)).toEqual(when === undefined ? { text } : { text, when })
})

test.each([
  { says: 'comments that never end', raw: '<!-- openclaw:'.repeat(100_000) },
  { says: 'contexts that never end', raw: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>'.repeat(50_000) },
  { says: 'marks', raw: '⟦openclaw:ctx⟧'.repeat(100_000) },
  { says: 'one long line', raw: 'Runtime: '.repeat(200_000) },
])('a megabyte of $says is opened quickly', ({ raw }) => {
  expect(openEnvelope(raw).text.length).toBeLessThanOrEqual(raw.length)
})
