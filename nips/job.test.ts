import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { refusalOf } from '#tests/support/refusal'
import {
  defineJob,
  inputSchema,
  type JobContract,
  parseInput,
  parseOutput,
  resultKind,
  streamKind,
  toTool,
} from './job.ts'
import { callableJobs, jobNamed, jobOfKind, jobs } from './jobs/index.ts'

const contracts: readonly JobContract[] = jobs

describe.each(contracts.map((job) => ({ name: job.name, job })))('the contract $name', ({ name, job }) => {
  const { input, output } = job.example

  test('is found by its name and by its kind', () => {
    expect([jobNamed(name), jobOfKind(job.kind)]).toEqual([job, job])
  })

  test('has a kind of its block, and answers on the kinds beside it', () => {
    expect([job.kind >= 5770, job.kind <= 5799]).toEqual([true, true])
    expect([resultKind(job), streamKind(job)]).toEqual([job.kind + 1000, job.kind + 20_000])
  })

  test('accepts its own example', () => {
    expect(parseInput(job, input)).toMatchObject(input)
    expect(parseOutput(job, output)).toMatchObject(output)
  })

  test('refuses a member it does not know, by name', async () => {
    const refusal = await refusalOf(() => parseInput(job, { ...input, surprise: 1 }))
    expect(refusal).toEqual({ code: 'invalid', message: expect.stringMatching(`^${name}: .*"surprise"`) })
    expect(await refusalOf(() => parseOutput(job, { ...output, surprise: 1 }))).toMatchObject({ code: 'invalid' })
  })

  test.each(Object.keys(output))('never answers without %s, where it has to be there', async (member) => {
    const { [member]: _left, ...rest } = output as Record<string, unknown>
    const optional = job.output.shape[member] instanceof z.ZodOptional
    const refusal = await refusalOf(() => parseOutput(job, rest))
    expect(refusal).toMatchObject(optional ? { returned: rest } : { code: 'invalid' })
  })

  test.each([null, undefined, 5, 'text', [], [input]])('refuses the input %j', async (value) => {
    expect(await refusalOf(() => parseInput(job, value))).toMatchObject({ code: 'invalid' })
  })

  test('asks in its JSON schema for everything that has no default, and for nothing else', () => {
    const schema = inputSchema(job) as { required?: string[]; additionalProperties?: unknown }
    const defaulted = Object.entries(job.input.shape).filter(([, member]) => member instanceof z.ZodDefault)
    const required = Object.keys(job.input.shape).filter((member) => !defaulted.some(([known]) => known === member))
    expect(schema.required ?? []).toEqual(required)
    expect(schema.additionalProperties).toBe(false)
    expect(parseInput(job, Object.fromEntries(required.map((member) => [member, input[member]])))).toBeDefined()
  })

  test('is a tool that a model can call', () => {
    const { function: tool } = toTool(job)
    expect(tool.name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(tool.description).toBe(job.summary)
    expect(tool.parameters).toMatchObject({ type: 'object' })
  })

  test('is described in one sentence', () => {
    expect(job.summary).toMatch(/^[A-Z].{20,}[.]$/)
  })

  test('has a label for each of its phases', () => {
    for (const [phase, label] of Object.entries(job.phases)) {
      expect(phase).toMatch(/^[a-z][a-z-]*$/)
      expect(['accepted', 'approval-required', 'approved']).not.toContain(phase)
      expect(label).toMatch(/^[A-Z].{4,}[^.]$/)
    }
  })

  test('has a question exactly when it needs a decision, and an end', () => {
    expect(job.question !== undefined).toBe(job.consent === 'decision')
    expect(job.question ?? '?').toMatch(/[?]$/)
    expect([job.deadline > 0, job.deadline <= 3600]).toEqual([true, true])
  })

  test('has a prompt only in a member that is text', () => {
    if (job.prompt !== undefined) expect(typeof input[job.prompt]).toBe('string')
  })
})

describe('the list of jobs', () => {
  test.each([
    { says: 'name', of: contracts.map(({ name }) => name) },
    { says: 'kind', of: contracts.map(({ kind }) => kind) },
    { says: 'tool name', of: contracts.map((job) => toTool(job).function.name) },
  ])('has no $says twice', ({ of }) => {
    expect(new Set<unknown>(of).size).toBe(of.length)
  })

  test('lets callers ask for everything but an approval', () => {
    expect(callableJobs.map(({ name }) => name)).toEqual(
      contracts.map(({ name }) => name).filter((name) => name !== 'approval'),
    )
  })

  test.each(['', 'toString', '__proto__', 'Chat'])('knows no job named %j', (name) => {
    expect(jobNamed(name)).toBeUndefined()
  })
})

describe('defining a job', () => {
  const [chat] = contracts.filter(({ name }) => name === 'chat')
  const define = (change: Partial<JobContract>) => defineJob({ ...(chat as JobContract), ...change })

  test.each([5769, 5800, 6785])('refuses kind %i, which is outside the block', async (kind) => {
    const message = `chat: ${kind} is outside 5770 to 5799`
    expect(await refusalOf(() => define({ kind }))).toEqual({ code: 'internal', message })
  })

  test.each([5770, 5799])('takes kind %i, an end of the block', (kind) => {
    expect(define({ kind }).kind).toBe(kind)
  })

  test('refuses a decision without a question', async () => {
    const message = 'chat: a decision needs its question'
    expect(await refusalOf(() => define({ consent: 'decision' }))).toEqual({ code: 'internal', message })
  })
})

describe('a refusal of an input', () => {
  test('names every member that is wrong, in one line', async () => {
    const job = jobNamed('chat') as JobContract
    const refusal = await refusalOf(() => parseInput(job, { instance: 'x', text: '', thread: 'Main' }))
    expect(refusal).toMatchObject({ code: 'invalid' })
    const { message } = refusal as { message: string }
    for (const part of ['instance', 'is 16 lower-case hex digits', 'text', 'thread']) expect(message).toContain(part)
    expect(message).not.toContain('\n')
  })
})

describe('the members that many jobs share', () => {
  const provision = jobNamed('instance.provision') as JobContract

  test.each(['a', 'a-b', '0', 'x'.repeat(32), 'open-claw-2'])('the slug %j is good', (slug) => {
    expect(parseInput(provision, { slug })).toEqual({ slug })
  })

  test.each(['', '-a', 'a-', 'A', 'a b', 'a_b', 'ä', 'x'.repeat(33), 'a\n'])('the slug %j is refused', async (slug) => {
    expect(await refusalOf(() => parseInput(provision, { slug }))).toMatchObject({ code: 'invalid' })
  })

  test('the slug is openclaw when nothing else is said', () => {
    expect(parseInput(provision, {})).toEqual({ slug: 'openclaw' })
  })
})
