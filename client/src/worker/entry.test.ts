import { expect, test } from 'vitest'
import type { JobContract } from '#nips/job'
import type { JobAnswer } from '#nips/job-answers'
import { decodeRequest, encodeRequest } from '#nips/job-events'
import { chat } from '#nips/jobs/chat'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { type Entry, entryOf, follow, overdue, taskOf, turnOf } from './entry.ts'
import { person } from './testing/person.ts'

const [me, service] = [person(), person()]
const AT = 1_800_000_000

async function entry(job: JobContract, input: Record<string, unknown>, idem = 'an intent'): Promise<Entry> {
  const template = await encodeRequest({ job, input, service: service.pubkey, now: AT, idem, cipher: me.cipher })
  const event = me.sign(template)
  return entryOf(await decodeRequest(event, job, { pubkey: service.pubkey, cipher: service.cipher }), true)
}
const said = () => entry(chat, { instance: '3f9c2a7d51e8b604', text: 'hello' })
const asked = () => entry(instanceProvision, { slug: 'tide-otter' })

const after = (start: Entry, answers: JobAnswer[]): Entry =>
  answers.reduce((so_far, answer, index) => follow(so_far, answer, AT + index + 1), start)

const progress = (phase: string): JobAnswer => ({ type: 'progress', phase })
const failure = (code: 'cancelled' | 'model-empty', text = ''): JobAnswer => ({
  type: 'failure',
  code,
  message: 'why',
  retry: true,
  text,
})
const result: JobAnswer = {
  type: 'result',
  output: { text: 'the whole answer', model: 'offline', inputTokens: 1, outputTokens: 2 },
}

test.each<{ says: string; answers: JobAnswer[]; shows: object }>([
  { says: 'sent and not heard of', answers: [], shows: { sent: 'sent', stage: 'waiting', answer: '' } },
  { says: 'accepted', answers: [progress('accepted')], shows: { sent: 'delivered', stage: 'waiting' } },
  { says: 'thinking', answers: [progress('running')], shows: { stage: 'thinking', answer: '' } },
  { says: 'writing', answers: [{ type: 'delta', seq: 0, text: 'the' }], shows: { stage: 'writing', answer: 'the' } },
  {
    says: 'done, with the result instead of the pieces',
    answers: [{ type: 'delta', seq: 0, text: 'th' }, result],
    shows: { stage: 'done', answer: 'the whole answer', model: 'offline' },
  },
  {
    says: 'stopped by its owner, which is no error',
    answers: [failure('cancelled', 'half')],
    shows: { stage: 'stopped', answer: 'half' },
  },
  {
    says: 'failed, with what had come',
    answers: [{ type: 'delta', seq: 0, text: 'half' }, failure('model-empty')],
    shows: { stage: 'failed', answer: 'half' },
  },
])('a turn is $says', async ({ answers, shows }) => {
  const turn = turnOf(after(await said(), answers), AT + 10)
  expect(turn).toMatchObject({ id: 'an intent', text: 'hello', thread: 'main', ...shows })
  expect(turn.error !== undefined).toBe(turn.stage === 'failed')
})

test('an error says what to do, from the table of faults', async () => {
  const turn = turnOf(after(await said(), [failure('model-empty')]), AT)
  expect(turn.error).toEqual({
    code: 'model-empty',
    message: 'Why.',
    fix: 'The model answered with nothing. Try again.',
    retry: true,
  })
})

test('every phase keeps its line and its seconds, and install progress shows on its own', async () => {
  const running = after(await asked(), [
    progress('accepted'),
    progress('installing'),
    { type: 'step', phase: 'installing', progress: 0.42 },
    progress('starting'),
    progress('a phase of a newer version'),
  ])
  const lines = taskOf(running, AT + 9).lines
  expect(lines.map(({ phase, at, until }) => [phase, at - AT, until && until - AT])).toEqual([
    ['asked', 0, 1],
    ['accepted', 1, 2],
    ['installing', 2, 4],
    ['starting', 4, undefined],
  ])
  expect(lines[2]?.progress).toBe(0.42)
  expect(lines.map(({ label }) => label)).toContain('Starting OpenClaw')
})

test('a provision that succeeded tells the gateway and how long it took', async () => {
  const output = { instance: 'a'.repeat(16), slug: 'tide-otter', version: '1', model: 'm', driver: 'd', seconds: 11.4 }
  const task = taskOf(after(await asked(), [progress('starting'), { type: 'result', output }]), AT)
  expect(task).toMatchObject({ type: 'provision', stage: 'done', instance: 'a'.repeat(16), seconds: 11.4 })
  expect(task.lines.every(({ until }) => until !== undefined)).toBe(true)
})

test.each([
  { says: 'unanswered for ten minutes', answers: [], seconds: 601, code: 'expired' },
  { says: 'unanswered for less', answers: [], seconds: 599, code: undefined },
  { says: 'running long past its deadline', answers: [progress('running')], seconds: 1400, code: 'interrupted' },
  { says: 'over', answers: [result], seconds: 9999, code: undefined },
])('a job $says is judged by the clock', async ({ answers, seconds, code }) => {
  expect(overdue(after(await said(), answers), AT + seconds)?.code).toBe(code)
})
