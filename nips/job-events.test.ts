import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { instanceTag } from './instance.ts'
import { type JobContract, parseInput } from './job.ts'
import {
  aboutRequest,
  answersTo,
  decodeRequest,
  encodeRequest,
  isEncrypted,
  REQUEST_WINDOW,
  readRequest,
  requireFresh,
} from './job-events.ts'
import { callableJobs, jobNamed, jobs } from './jobs/index.ts'
import type { EventTemplate } from './keys.ts'

const alice = author()
const service = author()
const stranger = author()
const instance = '3f9c2a7d51e8b604'
const [chat, provision, abort] = ['chat', 'instance.provision', 'abort'].map(jobNamed) as [
  JobContract,
  JobContract,
  JobContract,
]

const ask = (job: JobContract, input: Record<string, unknown>, more: { idem?: string; sealed?: boolean } = {}) => {
  const { idem, sealed } = more
  const optional = { ...(idem === undefined ? {} : { idem }), ...(sealed ? { cipher: alice.cipher } : {}) }
  return encodeRequest({ job, input, service: service.pubkey, now: NOW, ...optional })
}
const read = (template: Partial<EventTemplate>, job: JobContract) => decodeRequest(alice.sign(template), job, service)
/** How a job is written in the clear holds also where its contract does not take it so. */
const inTheClear = (job: JobContract): JobContract => ({ ...job, encryption: 'optional' })

const cases = (jobs as readonly JobContract[]).flatMap((job) => [
  { job, name: job.name, how: 'in the clear', sealed: false },
  { job, name: job.name, how: 'sealed', sealed: true },
])

describe.each(cases)('$name, asked $how', ({ job, sealed }) => {
  const input = job.example.input as Record<string, unknown>

  test('arrives as it was asked, with its defaults', async () => {
    const template = await ask(job, input, { sealed, idem: 'intent-1' })
    const contract = sealed ? job : inTheClear(job)
    const request = await read(template, contract)
    expect(request).toMatchObject({ job: contract, idem: 'intent-1', encrypted: sealed })
    expect(request.input).toEqual(parseInput(job, input))
  })

  test('is taken unless the contract wants it sealed and it is not', async () => {
    const template = await ask(job, input, { sealed })
    const taken = { returned: expect.objectContaining({ encrypted: sealed }) }
    const refused = { code: 'invalid', message: `${job.name} has to be encrypted` }
    const outcome = await refusalOf(() => read(template, job))
    expect(outcome).toEqual(sealed || job.encryption === 'optional' ? taken : refused)
  })

  test('names its service once, and may be forgotten only if it is passing', async () => {
    const { tags, kind, created_at } = await ask(job, input, { sealed })
    expect([kind, created_at]).toEqual([job.kind, NOW])
    expect(tags.filter(([name]) => name === 'p')).toEqual([['p', service.pubkey]])
    const expires = [['expiration', String(NOW + REQUEST_WINDOW)]]
    expect(tags.filter(([name]) => name === 'expiration')).toEqual(job.passing ? expires : [])
  })

  test('names its instance in "a" and its job in "e", in the clear, so that filters find them', async () => {
    const { tags } = await ask(job, input, { sealed })
    const named = tags.filter(([name]) => name === 'a' || name === 'e')
    const { instance: id, job: target } = input
    expect(named).toEqual([
      ...(typeof id === 'string' ? [['a', `31770:${service.pubkey}:${id}`, '', 'instance']] : []),
      ...(typeof target === 'string' ? [['e', target]] : []),
    ])
  })

  test('shows its other members exactly when it is not sealed', async () => {
    const { tags, content } = await ask(job, input, { sealed })
    expect(isEncrypted({ tags })).toBe(sealed)
    expect(tags.some(([name]) => name === 'i' || name === 'param') && sealed).toBe(false)
    expect(content === '').toBe(!sealed)
  })
})

test('what was asked stays on record, but for a look at the state and an abort', () => {
  expect(callableJobs.filter(({ passing }) => passing).map(({ name }) => name)).toEqual(['instance.status', 'abort'])
})

test('what is said to a gateway is always sealed', () => {
  expect(callableJobs.filter(({ encryption }) => encryption === 'required').map(({ name }) => name)).toEqual(['chat'])
})

describe('a chat message', () => {
  test.each([
    { text: '{"looks":"like JSON"}' },
    { text: '5' },
    { text: 'null' },
    { text: ' spaces and\nlines 😀 ' },
    { text: '__proto__' },
  ])('$text stays the text it is', async ({ text }) => {
    const clear = await ask(chat, { instance, text })
    const sealed = await ask(chat, { instance, text }, { sealed: true })
    expect(clear.tags).toContainEqual(['i', text, 'text'])
    expect((await read(clear, inTheClear(chat))).input.text).toBe(text)
    expect((await read(sealed, chat)).input.text).toBe(text)
  })

  test('is not asked when it is empty', async () => {
    expect(await refusalOf(() => ask(chat, { instance, text: '' }))).toMatchObject({ code: 'invalid' })
  })

  test('that is sealed reads its members from the seal alone', async () => {
    const template = await ask(chat, { instance, text: 'sealed' }, { sealed: true })
    const tags = [...template.tags, ['i', 'in the clear', 'text'], ['param', 'thread', 'other']]
    expect((await read({ ...template, tags }, chat)).input).toEqual({ instance, text: 'sealed', thread: 'main' })
  })

  test('is read alike by whoever was given its parameters', async () => {
    const event = alice.sign(await ask(chat, { instance, text: 'x', thread: 'b' }, { sealed: true }))
    const request = await decodeRequest(event, chat, service)
    const again = readRequest(event, chat, { service: service.pubkey, params: request.params })
    expect(again).toEqual(request)
  })
})

describe('a request that is refused', () => {
  const good = ask(chat, { instance, text: 'x' }, { sealed: true })

  test.each([
    { says: 'names another service', p: [['p', stranger.pubkey]], message: 'addressed to another service' },
    { says: 'names no service', p: [], message: 'exactly one "p" tag is needed' },
    {
      says: 'names two services',
      p: [
        ['p', service.pubkey],
        ['p', stranger.pubkey],
      ],
      message: 'exactly one "p" tag is needed',
    },
  ])('$says', async ({ p, message }) => {
    const { tags, ...rest } = await good
    const changed = [...p, ...tags.filter(([name]) => name !== 'p')]
    expect(await refusalOf(() => read({ ...rest, tags: changed }, chat))).toEqual({ code: 'invalid', message })
  })

  test.each([
    { says: 'an instance of another service', a: [instanceTag(stranger.pubkey, instance)] },
    { says: 'no instance', a: [] },
    { says: 'an instance that is none', a: [instanceTag(service.pubkey, '../../etc')] },
  ])('names $says', async ({ a }) => {
    const { tags, ...rest } = await good
    const changed = [...a, ...tags.filter(([name]) => name !== 'a')]
    const refusal = await refusalOf(() => read({ ...rest, tags: changed }, chat))
    expect(refusal).toMatchObject({ code: 'invalid', message: expect.stringContaining('instance') })
  })

  test.each([
    { says: 'no job', e: [] },
    { says: 'a job that is no id', e: [['e', 'x']] },
  ])('is an abort of $says', async ({ e }) => {
    const refusal = await refusalOf(() => read({ kind: abort.kind, tags: [['p', service.pubkey], ...e] }, abort))
    expect(refusal).toMatchObject({ code: 'invalid', message: expect.stringContaining('job') })
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'])(
    'has a parameter named %s',
    async (name) => {
      for (const value of ['x', '{"polluted":true}']) {
        const tags = [
          ['p', service.pubkey],
          ['param', name, value],
        ]
        const refusal = await refusalOf(() => read({ kind: provision.kind, tags }, provision))
        expect(refusal).toEqual({ code: 'invalid', message: expect.stringContaining(`"${name}"`) })
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )

  test.each([
    { says: 'has a parameter twice typed wrong', params: [['param', 'slug', '["a"]']] },
    { says: 'has a parameter nobody knows', params: [['param', 'cpu', '64']] },
  ])('$says', async ({ params }) => {
    const tags = [['p', service.pubkey], ...params]
    expect(await refusalOf(() => read({ kind: provision.kind, tags }, provision))).toMatchObject({ code: 'invalid' })
  })

  test('is in the clear where the contract wants it sealed', async () => {
    const sealedOnly: JobContract = { ...provision, encryption: 'required' }
    const message = 'instance.provision has to be encrypted'
    expect(await refusalOf(async () => read(await ask(provision, {}), sealedOnly))).toEqual({
      code: 'invalid',
      message,
    })
    expect((await read(await ask(provision, {}, { sealed: true }), sealedOnly)).encrypted).toBe(true)
  })
})

describe('a seal that cannot be used', () => {
  const noList = 'the encrypted content is not a list of tags'
  const noSeal = 'cannot be decrypted (NIP-44 v2 expected)'
  const seal = (plain: string) => alice.cipher.encrypt(service.pubkey, plain)

  test.each([
    { says: 'is no NIP-44', content: () => '[["param","slug","a"]]', message: noSeal },
    { says: 'is empty', content: () => '', message: noSeal },
    { says: 'is for somebody else', content: () => alice.cipher.encrypt(stranger.pubkey, '[]'), message: noSeal },
    { says: 'is by somebody else', content: () => stranger.cipher.encrypt(service.pubkey, '[]'), message: noSeal },
    { says: 'holds no JSON', content: () => seal('{'), message: noList },
    { says: 'holds an object', content: () => seal('{"slug":"a"}'), message: noList },
    { says: 'holds a list of text', content: () => seal('["param"]'), message: noList },
    { says: 'holds numbers', content: () => seal('[["param","slug",5]]'), message: noList },
  ])('is refused when it $says', async ({ content, message }) => {
    const tags = [['p', service.pubkey], ['encrypted']]
    const template = { kind: provision.kind, tags, content: await content() }
    expect(await refusalOf(() => read(template, provision))).toEqual({ code: 'invalid', message })
  })
})

describe('how long a request stays valid', () => {
  const old = 'created_at is more than 10 minutes off'
  const over = 'the request has expired'
  const until = (seconds: number) => ({ tags: [['expiration', String(NOW + seconds)]] })

  test.each([
    { says: 'now', change: {} },
    { says: 'ten minutes ago', change: { created_at: NOW - 600 } },
    { says: 'ten minutes ahead', change: { created_at: NOW + 600 } },
    { says: 'now, valid for one more second', change: until(1) },
  ])('it may be from $says', ({ change }) => {
    expect(() => requireFresh(alice.sign(change), NOW)).not.toThrow()
  })

  test.each([
    { says: 'older than ten minutes', change: { created_at: NOW - 601 }, refusal: { code: 'expired', message: old } },
    { says: 'further ahead', change: { created_at: NOW + 601 }, refusal: { code: 'expired', message: old } },
    { says: 'from 1970', change: { created_at: 0 }, refusal: { code: 'expired', message: old } },
    { says: 'past its own expiration', change: until(-1), refusal: { code: 'expired', message: over } },
    { says: 'at its own expiration', change: until(0), refusal: { code: 'expired', message: over } },
    {
      says: 'without a readable expiration',
      change: { tags: [['expiration', 'never']] },
      refusal: { code: 'invalid', message: 'invalid expiration' },
    },
  ])('it may not be $says', async ({ change, refusal }) => {
    expect(await refusalOf(() => requireFresh(alice.sign(change), NOW))).toEqual(refusal)
  })
})

test('an instance or a job named where the contract takes none is passed over', async () => {
  const template = await ask(provision, { slug: 'a' })
  const tags = [...template.tags, instanceTag(service.pubkey, instance), ['e', 'a'.repeat(64)]]
  expect((await read({ ...template, tags }, provision)).input).toEqual({ slug: 'a' })
})

test('an answer names the request, its author and its instance', async () => {
  const event = alice.sign(await ask(chat, { instance, text: 'x' }))
  expect(aboutRequest(event)).toEqual([
    ['e', event.id],
    ['p', alice.pubkey],
    ['a', `31770:${service.pubkey}:${instance}`, '', 'instance'],
  ])
  expect(answersTo(event)).toEqual([6785, 25_785, 7000, 31_774])
})
