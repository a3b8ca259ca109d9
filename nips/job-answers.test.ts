import { beforeAll, describe, expect, test } from 'vitest'
import { type Author, author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { type JobContract, parseOutput, resultKind, streamKind } from './job.ts'
import {
  type Answering,
  decodeAnswer,
  encodeCheckpoint,
  encodeDelta,
  encodeFailure,
  encodeProgress,
  encodeResult,
  encodeStep,
} from './job-answers.ts'
import { aboutRequest, decodeRequest, encodeRequest } from './job-events.ts'
import { jobNamed, jobs } from './jobs/index.ts'
import type { EventTemplate } from './keys.ts'
import { kind } from './kinds.ts'
import { Fault, type FaultCode, faults } from './kit/fault.ts'

const alice = author()
const service = author()
const chat = jobNamed('chat') as JobContract

async function answeringTo(job: JobContract, sealed: boolean, at = NOW): Promise<Answering> {
  const input = job.example.input as Record<string, unknown>
  const cipher = sealed ? { cipher: alice.cipher } : {}
  const template = await encodeRequest({ job, input, service: service.pubkey, now: at, ...cipher })
  // How an answer looks goes by its request, whatever the contract asks of one.
  const contract: JobContract = sealed ? job : { ...job, encryption: 'optional' }
  return { request: await decodeRequest(alice.sign(template), contract, service), cipher: service.cipher, now: NOW }
}

/** What the requester reads. */
const hear = (template: EventTemplate, job: JobContract, by: Author = alice) =>
  decodeAnswer(service.sign(template), job, { cipher: by.cipher, peer: service.pubkey })

const cases = (jobs as readonly JobContract[]).flatMap((job) => [
  { job, name: job.name, how: 'in the clear', sealed: false },
  { job, name: job.name, how: 'sealed', sealed: true },
])

describe.each(cases)('answers to $name, asked $how', ({ job, sealed }) => {
  let to: Answering
  beforeAll(async () => {
    to = await answeringTo(job, sealed)
  })

  test('tell each phase', async () => {
    for (const phase of ['accepted', 'approval-required', 'approved', ...Object.keys(job.phases)])
      expect(await hear(await encodeProgress(to, phase), job)).toEqual({ type: 'progress', phase })
  })

  test('tell what the job waits for, and which job it repeats', async () => {
    const more = [
      ['approval', 'a'.repeat(64)],
      ['same-as', 'b'.repeat(64)],
    ]
    const progress = await hear(await encodeProgress(to, 'approval-required', more), job)
    expect(progress).toMatchObject({ approval: 'a'.repeat(64), sameAs: 'b'.repeat(64) })
  })

  test('tell the result', async () => {
    const { output } = job.example
    const result = await hear(await encodeResult(to, output), job)
    expect(result).toEqual({ type: 'result', output: parseOutput(job, output) })
  })

  test('have a result that is its whole output as JSON, and no tag that tells of it', async () => {
    const { tags, content } = await encodeResult(to, job.example.output)
    expect(tags).toEqual([...aboutRequest(to.request.event), ...(sealed ? [['encrypted']] : [])])
    const plain = sealed ? await alice.cipher.decrypt(service.pubkey, content) : content
    expect(JSON.parse(plain)).toEqual(parseOutput(job, job.example.output))
  })

  test('tell a piece of text, a step and all text so far', async () => {
    const text = ' {"piece":1} 😀\n'
    expect(await hear(await encodeDelta(to, 7, text), job)).toEqual({ type: 'delta', seq: 7, text })
    expect(await hear(await encodeCheckpoint(to, 7, text), job)).toEqual({ type: 'checkpoint', seq: 7, text })
    for (const progress of [0, 0.125, 1]) {
      const step = { phase: 'running', progress }
      expect(await hear(await encodeStep(to, step), job)).toEqual({ type: 'step', ...step })
    }
  })

  test('name the request, its author and its instance, and are sealed as the request was', async () => {
    const { event } = to.request
    for (const template of [
      await encodeDelta(to, 0, 'the text'),
      await encodeCheckpoint(to, 0, 'the text'),
      await encodeFailure(to, new Fault('interrupted', 'x'), 'the text'),
      await encodeResult(to, job.example.output),
    ]) {
      expect(template.tags.slice(0, 2)).toEqual([
        ['e', event.id],
        ['p', alice.pubkey],
      ])
      expect(template.tags.filter(([name]) => name === 'a')).toEqual(event.tags.filter(([name]) => name === 'a'))
      expect(template.tags.some(([name]) => name === 'encrypted')).toBe(sealed)
      expect(template.content.includes('text') && sealed).toBe(false)
    }
  })

  test('stand on the kinds of the job', async () => {
    const kinds = [
      await encodeProgress(to, 'accepted'),
      await encodeFailure(to, new Fault('invalid', 'x')),
      await encodeDelta(to, 0, 'x'),
      await encodeStep(to, { phase: 'x', progress: 1 }),
      await encodeCheckpoint(to, 0, 'x'),
      await encodeResult(to, job.example.output),
    ].map((template) => template.kind)
    const stream = streamKind(job)
    expect(kinds).toEqual([kind.feedback, kind.feedback, stream, stream, kind.checkpoint, resultKind(job)])
  })
})

describe.each(Object.keys(faults) as FaultCode[])('the failure %s', (code) => {
  test.each([
    { says: 'in the clear', sealed: false, text: '' },
    { says: 'in the clear with the text so far', sealed: false, text: 'so far' },
    { says: 'sealed with the text so far', sealed: true, text: 'so far' },
    { says: 'sealed without text', sealed: true, text: '' },
  ])('arrives $says', async ({ sealed, text }) => {
    const fault = new Fault(code, 'a: message: with colons')
    const to = await answeringTo(chat, sealed)
    const template = await encodeFailure(to, fault, text)
    const { message, retry, fix } = fault
    expect(await hear(template, chat)).toEqual({ type: 'failure', code, message, retry, text })
    expect(template.tags).toEqual([
      ...aboutRequest(to.request.event),
      ['status', 'error', `${code}: ${sealed ? fix : message}`],
      ['retryable', String(retry)],
      ['alt', fix],
      ...(sealed ? [['encrypted']] : []),
    ])
    const plain = sealed ? await alice.cipher.decrypt(service.pubkey, template.content) : template.content
    expect(sealed ? JSON.parse(plain) : plain).toEqual(sealed ? { message, text } : text)
  })
})

describe('how long answers are kept', () => {
  const expires = ({ tags }: EventTemplate) => tags.find(([name]) => name === 'expiration')?.[1]

  test('progress a month, a checkpoint a day, ends for good', async () => {
    const to = await answeringTo(chat, false)
    expect(expires(await encodeProgress(to, 'accepted'))).toBe(String(NOW + 30 * 86_400))
    expect(expires(await encodeCheckpoint(to, 0, 'x'))).toBe(String(NOW + 86_400))
    expect(expires(await encodeFailure(to, new Fault('invalid', 'x')))).toBeUndefined()
    expect(expires(await encodeResult(to, chat.example.output))).toBeUndefined()
  })

  test('a checkpoint has one place per request, and only the service may put it there', async () => {
    const to = await answeringTo(chat, false)
    const { tags } = await encodeCheckpoint(to, 0, 'x')
    expect(tags).toContainEqual(['d', to.request.event.id])
    expect(tags).toContainEqual(['-'])
  })
})

test.each([
  { says: 'behind', at: NOW - 100, created: NOW },
  { says: 'ahead', at: NOW + 100, created: NOW + 100 },
])('an answer is never older than its question when the clock of the asker is $says', async ({ at, created }) => {
  expect((await encodeProgress(await answeringTo(chat, false, at), 'accepted')).created_at).toBe(created)
})

test.each([
  { says: 'empty', output: { text: '', model: 'm', inputTokens: 0, outputTokens: 0 } },
  { says: 'incomplete', output: { text: 'x' } },
  { says: 'missing', output: undefined },
])('a result that is $says does not leave', async ({ output }) => {
  const to = await answeringTo(chat, false)
  expect(await refusalOf(() => encodeResult(to, output))).toMatchObject({ code: 'invalid' })
})

describe('what answers nothing', () => {
  const bare = { kind: kind.feedback, created_at: NOW, tags: [] as string[][], content: '' }
  const stream = { ...bare, kind: streamKind(chat) }
  const result = { ...bare, kind: resultKind(chat) }
  const output = chat.example.output as Record<string, unknown>
  const json = (value: unknown) => ({ ...result, content: JSON.stringify(value) })
  /** A failure whose seal holds this. */
  const sealed = (plain: string) => ({
    ...bare,
    tags: [['status', 'error', 'internal: x'], ['encrypted']],
    content: service.cipher.encrypt(alice.pubkey, plain) as string,
  })

  test.each([
    { says: 'a kind of another job', template: { ...bare, kind: 6770 } },
    { says: 'a delta without a number', template: stream },
    { says: 'a delta with a negative number', template: { ...stream, tags: [['seq', '-1']] } },
    { says: 'a delta with half a number', template: { ...stream, tags: [['seq', '0.5']] } },
    { says: 'a delta with an empty number', template: { ...stream, tags: [['seq', '']] } },
    {
      says: 'a delta with two numbers',
      template: {
        ...stream,
        tags: [
          ['seq', '1'],
          ['seq', '2'],
        ],
      },
    },
    { says: 'a checkpoint without a number', template: { ...bare, kind: kind.checkpoint } },
    { says: 'a result without anything', template: result },
    { says: 'a result that is text', template: { ...result, content: 'hello' } },
    { says: 'a result that is a list', template: json([output]) },
    { says: 'a result without its members', template: json({ text: 'hello' }) },
    { says: 'a result without text', template: json({ ...output, text: '' }) },
    { says: 'a result with a member nobody knows', template: json({ ...output, price: 1 }) },
    {
      says: 'a result with its members in tags',
      template: {
        ...result,
        content: 'hello',
        tags: [
          ['param', 'model', 'm'],
          ['param', 'inputTokens', '1'],
          ['param', 'outputTokens', '1'],
        ],
      },
    },
    { says: 'a sealed failure that is text', template: sealed('so far') },
    { says: 'a sealed failure that is nothing', template: sealed('null') },
    { says: 'a sealed failure without text', template: sealed('{"message":"x"}') },
    { says: 'a sealed failure without a message', template: sealed('{"text":"x"}') },
    { says: 'a sealed failure whose text is none', template: sealed('{"message":"x","text":1}') },
    { says: 'a seal that is none', template: { ...result, tags: [['encrypted']] } },
    {
      says: 'a step beyond its end',
      template: {
        ...stream,
        tags: [
          ['c', 'status'],
          ['progress', '2'],
        ],
      },
    },
    {
      says: 'a step that is no number',
      template: {
        ...stream,
        tags: [
          ['c', 'status'],
          ['progress', 'half'],
        ],
      },
    },
  ])('$says is refused', async ({ template }) => {
    expect(await refusalOf(() => hear(template, chat))).toMatchObject({ code: 'invalid' })
  })

  test('a sealed answer is read by nobody else', async () => {
    const template = await encodeDelta(await answeringTo(chat, true), 0, 'secret')
    expect(await refusalOf(() => hear(template, chat, author()))).toMatchObject({ code: 'invalid' })
  })

  test('progress in words of others has the words as its phase', async () => {
    const template = { ...bare, tags: [['status', 'processing', 'warming up']] }
    expect(await hear(template, chat)).toEqual({ type: 'progress', phase: 'warming up' })
  })

  test.each([
    { detail: 'something broke', code: 'internal', message: 'something broke' },
    { detail: 'toString: x', code: 'internal', message: 'toString: x' },
    { detail: 'denied', code: 'denied', message: '' },
    { detail: '', code: 'internal', message: '' },
  ])('an error in words of others, $detail, is still an error', async ({ detail, code, message }) => {
    const template = { ...bare, tags: [['status', 'error', detail]] }
    expect(await hear(template, chat)).toEqual({ type: 'failure', code, message, retry: false, text: '' })
  })
})
