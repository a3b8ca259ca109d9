import { expect, test } from 'vitest'
import { decodeRequest, encodeRequest } from '#nips/job-events'
import { chat } from '#nips/jobs/chat'
import type { TurnView } from '../model.ts'
import { memoryDatabase } from './database.ts'
import type { Draft } from './draft.ts'
import { type Entry, entryOf, follow } from './entry.ts'
import { ManualClock } from './testing/clock.ts'
import { person } from './testing/person.ts'
import { Transcript } from './transcript.ts'

const [me, service] = [person(), person()]
const instance = '3f9c2a7d51e8b604'

function stage(db = memoryDatabase()) {
  const clock = new ManualClock()
  const shown = new Map<string, TurnView | null>()
  const transcript = new Transcript({
    db,
    clock,
    owner: me.pubkey,
    service: service.pubkey,
    show: (id, turn) => shown.set(id, turn),
    gatewayOf: (task) => (task === 'making' ? instance : undefined),
  })
  return { db, clock, shown, transcript }
}

const draft = (more: Partial<Draft> = {}): Draft => ({
  id: 'one',
  owner: me.pubkey,
  service: service.pubkey,
  at: 1_800_000_000,
  job: { name: 'chat', input: { instance, thread: 'main', text: 'hello' } },
  ...more,
})

async function entry(idem: string, there: boolean): Promise<Entry> {
  const input = { instance, text: 'hello' }
  const template = await encodeRequest({
    job: chat,
    input,
    service: service.pubkey,
    now: 1_800_000_000,
    idem,
    cipher: me.cipher,
  })
  const reader = { pubkey: service.pubkey, cipher: service.cipher }
  return entryOf(await decodeRequest(me.sign(template), chat, reader), there)
}
const output = { text: 'an answer', model: 'offline', inputTokens: 1, outputTokens: 1 }

test('a turn keeps its id from the draft to the answer', async () => {
  const { shown, transcript } = stage()
  transcript.draft('one', draft())
  expect(shown.get('one')).toMatchObject({ sent: 'queued', stage: 'waiting', text: 'hello' })
  const asked = await entry('one', false)
  transcript.entry(asked)
  transcript.draft('one', undefined)
  transcript.entry({ ...asked, there: true })
  expect(shown.get('one')).toMatchObject({ sent: 'sent' })
  transcript.entry(follow({ ...asked, there: true }, { type: 'result', output }, 1))
  expect(shown.get('one')).toMatchObject({ stage: 'done', answer: 'an answer' })
  expect([...shown.keys()]).toEqual(['one'])
})

test('the first message belongs to the gateway that is still being made', () => {
  const { shown, transcript } = stage()
  transcript.draft('one', draft({ after: 'making' }))
  expect(shown.get('one')).toMatchObject({ instance })
})

test('a finished turn is there after a reload, and need not be read again', async () => {
  const first = stage()
  const done = follow(await entry('one', true), { type: 'result', output }, 1)
  first.transcript.entry(done)
  await first.transcript.save()
  const second = stage(first.db)
  await second.transcript.load()
  expect(second.shown.get('one')).toMatchObject({ answer: 'an answer' })
  expect(second.transcript.isSettled(done.id)).toBe(true)
})

test('text that was seen stays while the relay catches up after a reload', async () => {
  const first = stage()
  const asked = await entry('one', true)
  first.transcript.entry(follow(asked, { type: 'delta', seq: 0, text: 'half an answer' }, 1))
  await first.transcript.save()
  const second = stage(first.db)
  await second.transcript.load()
  second.transcript.entry(asked)
  expect(second.shown.get('one')).toMatchObject({ stage: 'writing', answer: 'half an answer' })
  second.transcript.entry(follow(asked, { type: 'checkpoint', seq: 9, text: 'half an answer and more' }, 1))
  expect(second.shown.get('one')).toMatchObject({ answer: 'half an answer and more' })
})

test('a thread is busy until the turn before has ended', async () => {
  const { transcript } = stage()
  const next = { instance, thread: 'main', id: 'two', at: 1_800_000_001 }
  expect(transcript.isBusy(next)).toBe(false)
  const asked = await entry('one', true)
  transcript.entry(asked)
  expect(transcript.isBusy(next)).toBe(true)
  expect(transcript.isBusy({ ...next, thread: 'another' })).toBe(false)
  transcript.entry(follow(asked, { type: 'failure', code: 'interrupted', message: 'x', retry: true, text: '' }, 1))
  expect(transcript.isBusy(next)).toBe(false)
})
