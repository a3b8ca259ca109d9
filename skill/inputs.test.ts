import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob } from '#nips/job'
import { chat } from '#nips/jobs/chat'
import { inputsOf, memberNames, ruleOf } from './inputs.ts'

const odd = defineJob({
  name: 'odd',
  kind: 5799,
  summary: 'Has one member of every sort.',
  input: z.strictObject({
    job: z.string(),
    level: z.enum(['low', 'high']).default('low'),
    times: z.int().min(1).max(5).optional(),
    loud: z.boolean(),
  }),
  output: z.strictObject({ done: z.boolean(), why: z.string().optional() }),
  consent: 'none',
  scope: 'read',
  encryption: 'optional',
  asker: 'caller',
  phases: {},
  passing: false,
  streams: false,
  deadline: 1,
  example: { input: { job: 'a', loud: true }, output: { done: true } },
})

describe('the inputs of a job', () => {
  test('name the tag the codec writes them to, and what is optional', async () => {
    expect(await inputsOf(chat)).toEqual([
      { name: 'instance', tag: 'a', optional: false, rule: '16 hex digits' },
      { name: 'text', tag: 'i', optional: false, rule: '1 to 32768 bytes of UTF-8' },
      { name: 'thread', tag: 'param', optional: true, rule: '`^[a-z0-9-]{1,64}$`', otherwise: 'main' },
    ])
  })

  test('are params where the codec has no tag of their own for them', async () => {
    expect((await inputsOf(odd)).map(({ name, tag, optional }) => [name, tag, optional])).toEqual([
      ['job', 'e', false],
      ['level', 'param', true],
      ['times', 'param', true],
      ['loud', 'param', false],
    ])
  })

  test('mark the members of a result that may be missing', () => {
    expect(memberNames(odd.output.shape)).toEqual(['done', 'why?'])
  })
})

describe('a rule in a few words', () => {
  test.each([
    { says: 'hex of one length', schema: { type: 'string', pattern: '^[0-9a-f]{64}$' }, rule: '64 hex digits' },
    { says: 'another pattern', schema: { type: 'string', pattern: '^[a-z]$' }, rule: '`^[a-z]$`' },
    { says: 'a choice', schema: { type: 'string', enum: ['a', 'b'] }, rule: '`a` or `b`' },
    { says: 'text of some length', schema: { type: 'string', minLength: 1, maxLength: 9 }, rule: '1 to 9 characters' },
    {
      says: 'what the contract says in words',
      schema: { type: 'string', minLength: 1, description: '1 to 9 bytes' },
      rule: '1 to 9 bytes',
    },
    { says: 'any text', schema: { type: 'string' }, rule: 'characters' },
    { says: 'a number in a range', schema: { type: 'integer', minimum: 0, maximum: 5 }, rule: 'integer 0 to 5' },
    { says: 'a number from somewhere', schema: { type: 'integer', minimum: 1 }, rule: 'integer 1 to any' },
    { says: 'anything else by its type', schema: { type: 'boolean' }, rule: 'boolean' },
  ])('$says', ({ schema, rule }) => expect(ruleOf(schema)).toBe(rule))
})
