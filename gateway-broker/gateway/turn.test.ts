import { describe, expect, test } from 'vitest'
import { Fault } from '#nips/kit/fault'
import { manualClock } from '#tests/support/clock'
import type { Connection, GatewayEvent } from './connection.ts'
import { type Gateway, runTurn } from './turn.ts'

const RUN = 'the-run'

/** A gateway that says what a test lets it say. */
function setUp() {
  const clock = manualClock()
  const listeners = new Set<(event: GatewayEvent) => void>()
  const calls: [string, Record<string, unknown>][] = []
  let close: (reason: string) => void = () => undefined
  let fault: Fault | undefined
  const connection: Connection = {
    call: async (method, params) => {
      calls.push([method, params])
      return {}
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    closed: new Promise((resolve) => {
      close = resolve
    }),
    close: () => undefined,
  }
  const say = (event: string, payload: object) => {
    for (const listener of listeners) listener({ event, payload })
  }
  const texts: string[] = []
  const stop = new AbortController()
  const gateway: Gateway = { connection, clock, faultSince: () => fault }
  const turn = runTurn(gateway, {
    session: 'agent:main:thread-main',
    text: 'hi',
    run: RUN,
    onText: (text) => texts.push(text),
    signal: stop.signal,
  })
  turn.catch(() => undefined)
  return {
    ...{ clock, calls, texts, turn, stop },
    assistant: (text: string, itemId = 'one', runId = RUN) =>
      say('agent', { runId, stream: 'assistant', data: { text, itemId } }),
    chat: (state: string, text?: string, runId = RUN) =>
      say('chat', {
        runId,
        state,
        ...(text === undefined ? {} : { message: { content: [{ type: 'text', text }] } }),
        errorMessage: 'the gateway’s words',
      }),
    close: (reason: string) => close(reason),
    refuse: (given: Fault) => {
      fault = given
    },
    listening: () => listeners.size,
  }
}

describe('a turn', () => {
  test('sends the text once, under the id of its job, and ends with the whole answer', async () => {
    const gateway = setUp()
    gateway.assistant('hel')
    gateway.assistant('hello')
    gateway.chat('final', 'hello')
    expect(await gateway.turn).toBe('hello')
    expect(gateway.texts).toEqual(['hel', 'hello'])
    expect(gateway.calls).toEqual([
      ['chat.send', { sessionKey: 'agent:main:thread-main', message: 'hi', idempotencyKey: RUN }],
    ])
    expect(gateway.listening()).toBe(0)
  })

  test('hears nothing of other runs, and nothing it does not understand', async () => {
    const gateway = setUp()
    gateway.assistant('not mine', 'one', 'another')
    gateway.chat('final', 'not mine', 'another')
    gateway.assistant(5 as never)
    gateway.chat('dancing')
    gateway.chat('final', 'mine')
    expect([await gateway.turn, gateway.texts]).toEqual(['mine', []])
  })

  test('puts the parts of an answer that used tools together', async () => {
    const gateway = setUp()
    gateway.assistant('I look it up.', 'one')
    gateway.assistant('It is', 'two')
    gateway.assistant('It is done.', 'two')
    gateway.chat('final', 'It is done.')
    expect(await gateway.turn).toBe('I look it up.\n\nIt is done.')
    expect(gateway.texts.at(-1)).toBe('I look it up.\n\nIt is done.')
  })

  test.each([
    { says: 'nothing', text: '' },
    { says: 'blanks', text: ' \n ' },
  ])('with $says for an answer is an error, never an empty success', async ({ text }) => {
    const gateway = setUp()
    gateway.chat('final', text)
    await expect(gateway.turn).rejects.toMatchObject({ code: 'model-empty' })
  })

  test('that failed names the fault of the model, and the gateway’s words only where there is none', async () => {
    const known = setUp()
    known.refuse(new Fault('model-rate', 'too many requests'))
    known.chat('error')
    await expect(known.turn).rejects.toMatchObject({ code: 'model-rate', message: 'too many requests' })
    const unknown = setUp()
    unknown.chat('error')
    await expect(unknown.turn).rejects.toMatchObject({ code: 'model-error', message: 'the gateway’s words' })
  })

  test('does not wait for a gateway that goes on after the model has refused it', async () => {
    const gateway = setUp()
    gateway.refuse(new Fault('model-timeout', 'silent'))
    await gateway.clock.advance(6000)
    await expect(gateway.turn).rejects.toMatchObject({ code: 'model-timeout' })
  })

  test('leaves a conversation that was too long to the gateway, which shortens it', async () => {
    const gateway = setUp()
    gateway.refuse(new Fault('too-large', 'too long'))
    await gateway.clock.advance(60_000)
    gateway.chat('final', 'shortened and answered')
    expect(await gateway.turn).toBe('shortened and answered')
  })

  test('is interrupted when the gateway goes away', async () => {
    const gateway = setUp()
    gateway.assistant('half')
    gateway.close('1006')
    await expect(gateway.turn).rejects.toMatchObject({ code: 'interrupted' })
  })

  test('that is stopped ends in the gateway itself, with the reason it was stopped for', async () => {
    const gateway = setUp()
    gateway.stop.abort(new Fault('cancelled', 'stopped by you'))
    await gateway.clock.advance(0)
    gateway.chat('aborted', 'half')
    await expect(gateway.turn).rejects.toMatchObject({ code: 'cancelled', message: 'stopped by you' })
    expect(gateway.calls.at(-1)).toEqual(['chat.abort', { sessionKey: 'agent:main:thread-main', runId: RUN }])
  })

  test('that is stopped ends although the gateway says nothing', async () => {
    const gateway = setUp()
    gateway.stop.abort(new Fault('cancelled', 'stopped by you'))
    await gateway.clock.advance(4000)
    await expect(gateway.turn).rejects.toMatchObject({ code: 'cancelled' })
  })
})
