import { expect, test } from 'vitest'
import { encodeCheckpoint, encodeDelta, encodeResult } from '#nips/job-answers'
import { decodeRequest, encodeRequest } from '#nips/job-events'
import { chat } from '#nips/jobs/chat'
import type { Entry } from './entry.ts'
import { Ledger } from './ledger.ts'
import { ManualClock } from './testing/clock.ts'
import { person } from './testing/person.ts'

const [me, service] = [person(), person()]

async function stage() {
  const clock = new ManualClock()
  const seen: Entry[] = []
  const gaps: string[] = []
  const ledger = new Ledger({
    me: me.pubkey,
    service: service.pubkey,
    cipher: me.cipher,
    clock,
    changed: (entry) => seen.push(entry),
    gap: (request) => gaps.push(request),
  })
  const input = { instance: '3f9c2a7d51e8b604', text: 'hello' }
  const now = clock.now()
  const request = me.sign(await encodeRequest({ job: chat, input, service: service.pubkey, now, cipher: me.cipher }))
  const answering = {
    request: await decodeRequest(request, chat, { pubkey: service.pubkey, cipher: service.cipher }),
    cipher: service.cipher,
    now,
  }
  const delta = async (seq: number, text: string) => service.sign(await encodeDelta(answering, seq, text))
  const result = async (text: string) =>
    service.sign(await encodeResult(answering, { text, model: 'm', inputTokens: 1, outputTokens: 1 }))
  const checkpoint = async (seq: number, text: string) => service.sign(await encodeCheckpoint(answering, seq, text))
  const text = () => ledger.get(request.id)?.state.text
  return { clock, ledger, request, delta, result, checkpoint, text, seen, gaps }
}

test('my own sealed request is read, and answers that came before it are kept for it', async () => {
  const { ledger, request, delta, result, seen } = await stage()
  void ledger.take(await result('the answer'), false)
  void ledger.take(await delta(0, 'the'), false)
  await ledger.take(request, false)
  expect(seen.at(-1)).toMatchObject({
    input: { text: 'hello' },
    state: { stage: 'done', output: { text: 'the answer' } },
  })
})

test('pieces out of order are put in order; what is missing is asked for after a moment', async () => {
  const { clock, ledger, request, delta, checkpoint, text, gaps } = await stage()
  await ledger.take(request, false)
  await ledger.take(await delta(1, 'b'), true)
  await ledger.take(await delta(0, 'a'), true)
  expect(text()).toBe('ab')
  await ledger.take(await delta(3, 'd'), true)
  await clock.advance(1100)
  expect(gaps).toEqual([])
  await clock.advance(200)
  expect(gaps).toEqual([request.id])
  await ledger.take(await checkpoint(2, 'abc'), true)
  expect(text()).toBe('abcd')
})

test('what somebody else sealed, or nobody can read, is left out', async () => {
  const { ledger, request, text } = await stage()
  await ledger.take(request, false)
  const tags = [['e', request.id], ['p', me.pubkey], ['seq', '0'], ['c', 'text'], ['encrypted']]
  await ledger.take(service.sign({ kind: 25_785, tags, content: 'not NIP-44' }), true)
  expect(text()).toBe('')
})
