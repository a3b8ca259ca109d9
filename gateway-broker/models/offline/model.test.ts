import { describe, expect, test } from 'vitest'
import type { Clock } from '#nips/kit/clock'
import { manualClock } from '#tests/support/clock'
import { eventsIn, proxyFor } from '../fixtures/proxy.ts'
import type { JsonObject, Wire } from '../provider.ts'
import { LABEL } from './label.ts'
import { createOfflineModel } from './model.ts'

/** A clock that jumps ahead whenever somebody sleeps. */
function sleeplessClock(): Clock {
  let slept = 0
  return {
    ...manualClock(),
    millis: () => slept,
    sleep: (ms, signal) => {
      slept += ms
      return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve()
    },
  }
}

const wires: Wire[] = ['chat', 'responses']

const conversation = (wire: Wire, said: string[]): JsonObject => {
  const messages = [
    { role: wire === 'chat' ? 'system' : 'developer', content: 'My name is System.' },
    ...said.map((text, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: index % 2 === 0 ? [{ type: wire === 'chat' ? 'text' : 'input_text', text }] : text,
    })),
    { role: 'user', content: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nnone\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>' },
    { role: 'user', content: '[System] Your previous turn was interrupted. Go on.' },
  ]
  return { model: 'offline', [wire === 'chat' ? 'messages' : 'input']: messages }
}

const textOf = (events: JsonObject[]): string =>
  events
    .map(({ choices, delta }) =>
      typeof delta === 'string' ? delta : ((choices as { delta?: { content?: string } }[])?.[0]?.delta?.content ?? ''),
    )
    .join('')

async function collect(stream: AsyncIterable<JsonObject>): Promise<JsonObject[]> {
  const list: JsonObject[] = []
  for await (const event of stream) list.push(event)
  return list
}

describe.each(wires)('the offline model on %s', (wire) => {
  const { signal } = new AbortController()

  test('answers the last words of the person with the whole conversation in mind', async () => {
    const model = createOfflineModel({ clock: sleeplessClock() })
    const body = conversation(wire, ['My name is Ada', 'Nice.', 'What is my name?'])
    const text = `Your name is Ada.\n\n${LABEL}`
    expect(textOf(await collect(model.stream({ wire, body, signal })))).toBe(text)
    expect(JSON.stringify(await model.complete({ wire, body, signal }))).toContain(JSON.stringify(text))
  })

  test('speaks 60 to 80 words a second', async () => {
    const clock = sleeplessClock()
    const body = conversation(wire, ['count to 500'])
    const events = await collect(createOfflineModel({ clock }).stream({ wire, body, signal }))
    const words = textOf(events).split(/\s+/).length
    expect(words).toBeGreaterThan(500)
    expect(words / (clock.millis() / 1000)).toBeGreaterThan(60)
    expect(words / (clock.millis() / 1000)).toBeLessThan(80)
  })

  test('stops at once with the reason it is given', async () => {
    const controller = new AbortController()
    const stream = createOfflineModel({ clock: manualClock() }).stream({
      wire,
      body: conversation(wire, ['count to 500']),
      signal: controller.signal,
    })
    const reason = new Error('enough')
    const ended = collect(stream)
    controller.abort(reason)
    await expect(ended).rejects.toBe(reason)
  })

  test('passes the proxy like any provider: streamed, whole and counted', async () => {
    const { app, ask, told } = proxyFor(createOfflineModel({ clock: sleeplessClock() }))
    const body = conversation(wire, ['Say exactly: pong'])
    const streamed = await (await app.request(ask(wire, { ...body, stream: true }))).text()
    const events = eventsIn(streamed)
      .filter(({ data }) => data !== '[DONE]')
      .map(({ data }) => JSON.parse(data))
    expect(textOf(events)).toBe(`pong\n\n${LABEL}`)
    const whole = await (await app.request(ask(wire, body))).text()
    expect(whole).toContain('pong')
    const outputTokens = Math.ceil(`pong\n\n${LABEL}`.length / 4)
    expect(told.usage.map((usage) => usage.outputTokens)).toEqual([outputTokens, outputTokens])
    expect(told.faults).toEqual([])
  })
})

test('the events of a response follow each other without a gap', async () => {
  const { signal } = new AbortController()
  const body = conversation('responses', ['ping'])
  const events = await collect(
    createOfflineModel({ clock: sleeplessClock() }).stream({ wire: 'responses', body, signal }),
  )
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
  expect(events[0]?.type).toBe('response.created')
  expect(events.at(-1)?.type).toBe('response.completed')
})

test('a plain string is a conversation too', async () => {
  const { signal } = new AbortController()
  const answer = await createOfflineModel({ clock: manualClock() }).complete({
    wire: 'responses',
    body: { input: 'ping' },
    signal,
  })
  expect(JSON.stringify(answer)).toContain('pong')
})
