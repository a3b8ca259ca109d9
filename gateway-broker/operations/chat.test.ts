import { expect, test } from 'vitest'
import { MAX_ANSWER_TEXT } from '#nips/jobs/chat'
import { systemClock } from '#nips/kit/clock'
import type { GatewayEvent } from '../gateway/connection.ts'
import type { Instances } from '../instances/instances.ts'
import { openBrokerStore } from '../store/sqlite.ts'
import { chat } from './chat.ts'

/** Runs one chat against a gateway that speaks as told; resolves with what was told on, and the outcome. */
async function run(speak: (say: (event: string, payload: object) => void) => void) {
  let listener: (event: GatewayEvent) => void = () => undefined
  const calls: string[] = []
  let tokens = 5
  const live = {
    model: 'm',
    clock: systemClock(),
    faultSince: () => undefined,
    spent: () => ({ inputTokens: tokens, outputTokens: tokens }),
    connection: {
      listen: (given: typeof listener) => {
        listener = given
        return () => undefined
      },
      closed: new Promise(() => undefined),
      call: async (method: string) => {
        calls.push(method)
        tokens += 2
        const run = 'job'
        if (method === 'chat.send') speak((event, payload) => listener({ event, payload: { runId: run, ...payload } }))
        if (method === 'chat.abort') listener({ event: 'chat', payload: { runId: run, state: 'aborted' } })
        return {}
      },
    },
  }
  const operation = chat({
    store: openBrokerStore(':memory:'),
    instances: { ready: async () => live } as unknown as Instances,
  })
  const told: string[] = []
  const context = {
    job: 'job',
    owner: 'o',
    signal: new AbortController().signal,
    phase: () => undefined,
    step: () => undefined,
    text: (whole: string) => told.push(whole),
  }
  const outcome = await operation
    .run({ instance: 'a'.repeat(16), text: 'hi', thread: 'main' }, context)
    .catch((fault) => fault)
  return { outcome, told, calls }
}

const final = (text: string) => ({ state: 'final', message: { content: text } })

test('a chat ends with the answer, the model and the tokens that this turn took', async () => {
  const { outcome } = await run((say) => say('chat', final('hello')))
  expect(outcome).toEqual({ text: 'hello', model: 'm', inputTokens: 2, outputTokens: 2 })
})

test('an answer that does not end is ended in the gateway before it fits into no event', async () => {
  const { outcome, told, calls } = await run((say) => {
    say('agent', { stream: 'assistant', data: { text: 'a good beginning', itemId: '1' } })
    say('agent', { stream: 'assistant', data: { text: 'é'.repeat(MAX_ANSWER_TEXT / 2 + 1), itemId: '1' } })
  })
  expect(outcome).toMatchObject({ code: 'too-large', message: expect.stringContaining(String(MAX_ANSWER_TEXT)) })
  expect([told, calls]).toEqual([['a good beginning'], ['chat.send', 'chat.abort']])
})

test('a long answer that came at once is refused by its size too', async () => {
  const { outcome } = await run((say) => say('chat', final('x'.repeat(MAX_ANSWER_TEXT + 1))))
  expect(outcome).toMatchObject({ code: 'too-large' })
})
