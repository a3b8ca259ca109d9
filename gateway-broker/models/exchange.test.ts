import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { FaultCode } from '#nips/kit/fault'
import { eventsIn, proxyFor, question, stubProvider } from './fixtures/proxy.ts'
import {
  answering,
  cutting,
  events,
  json,
  refusal,
  type Script,
  samples,
  scriptedUpstream,
  silence,
} from './fixtures/scripted-upstream.ts'
import type { Wire } from './provider.ts'

const wires: Wire[] = ['chat', 'responses']

/** Words that make OpenClaw 2026.9.6 try again for minutes, or lock its key. */
const TRIGGERS =
  /time.?out|timed.out|rate.?limit|upstream|server_error|unauthorized|forbidden|40[13]|429|expired|quota|bill/i

type Case = { says: string; script: (wire: Wire) => Script; code: FaultCode; streaming?: true }

const begun = (wire: Wire) => [...samples[wire].begin, ...samples[wire].words]

const cases: Case[] = [
  { says: 'a refused key (401)', script: () => refusal(401, 'invalid_api_key'), code: 'model-auth' },
  { says: 'a key without the right (403)', script: () => refusal(403, 'permission_error'), code: 'model-auth' },
  { says: 'a limited rate (429)', script: () => refusal(429, 'rate_limit_exceeded'), code: 'model-rate' },
  { says: 'a used-up quota (429)', script: () => refusal(429, 'insufficient_quota'), code: 'model-rate' },
  { says: 'a failure (500)', script: () => refusal(500, 'server_error'), code: 'model-error' },
  { says: 'a refused request (422)', script: () => refusal(422, 'bad_tool'), code: 'model-error' },
  { says: 'an unknown model (404)', script: () => refusal(404, 'model_not_found'), code: 'model-error' },
  { says: 'a conversation too long (400)', script: () => refusal(400, 'context_length_exceeded'), code: 'too-large' },
  { says: 'a cut before the answer', script: () => (response) => response.destroy(), code: 'model-error' },
  { says: 'a page instead of an answer', script: () => json(200, { hello: 'world' }), code: 'model-error' },
  { says: '200 with no bytes', script: () => events([]), code: 'model-empty' },
  { says: 'malformed JSON', script: () => events(['{"id": ']), code: 'model-error' },
  { says: 'JSON that is no object', script: () => events(['7']), code: 'model-error' },
  {
    says: 'an answer without text and tool call',
    script: (wire) => events([...samples[wire].begin, ...samples[wire].nothing]),
    code: 'model-empty',
    streaming: true,
  },
  {
    says: 'a cut after three words',
    script: (wire) => events(begun(wire), cutting),
    code: 'model-error',
    streaming: true,
  },
  { says: 'an end without a finish', script: (wire) => events(begun(wire)), code: 'model-error', streaming: true },
  {
    says: 'malformed JSON after three words',
    script: (wire) => events([...begun(wire), '{"id": ']),
    code: 'model-error',
    streaming: true,
  },
  {
    says: 'an error inside the stream',
    script: (wire) => events([...begun(wire), { error: { message: 'no', type: 'x', code: 'rate_limit_exceeded' } }]),
    code: 'model-rate',
    streaming: true,
  },
]

/** Lets the clock run until the model was given up; how long that took. */
async function waitForFault({ clock, told }: ReturnType<typeof proxyFor>): Promise<number> {
  while (told.faults.length === 0) {
    clock.advance(500)
    await setImmediate()
  }
  return clock.millis() / 1000
}

describe.each(wires)('a streamed answer on %s', (wire) => {
  test.each(cases)('that is $says is one $code', async ({ script, code, streaming }) => {
    await using upstream = await scriptedUpstream(script(wire))
    const { app, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const response = await app.request(ask(wire, question(wire, { stream: true })))
    const [status, text] = [response.status, await response.text()]

    expect(told.faults.map(([instance, fault]) => [instance, fault.code])).toEqual([['a'.repeat(16), code]])
    const { error } = JSON.parse(streaming ? (eventsIn(text).at(-1)?.data ?? '') : text)
    expect(status).toBe(streaming ? 200 : 400)
    expect(error).toMatchObject({ type: 'invalid_request_error', param: null })
    expect(JSON.stringify(error)).not.toMatch(TRIGGERS)
    if (streaming && wire === 'responses') expect(eventsIn(text).at(-1)?.event).toBe('error')
    expect(text).not.toContain('[DONE]')
    expect(upstream.requests).toHaveLength(1)
    await upstream.requests[0]?.closed

    upstream.play(answering(wire))
    const next = await app.request(ask(wire, question(wire, { stream: true })))
    expect([next.status, await next.text()]).toEqual([200, expect.stringContaining('three')])
    expect(told.faults).toHaveLength(1)
  })

  test.each<{ says: string; script: Script; stream: boolean }>([
    { says: 'no status', script: silence, stream: true },
    { says: 'a status and no byte', script: events([], silence), stream: true },
    { says: 'no status for a whole answer', script: silence, stream: false },
  ])('that is $says is given up after 60 s', async ({ script, stream }) => {
    await using upstream = await scriptedUpstream(script)
    const proxy = proxyFor(stubProvider(upstream.baseUrl))
    const pending = proxy.app.request(proxy.ask(wire, question(wire, { stream })))
    await expect.poll(() => upstream.requests.length, { interval: 2 }).toBe(1)
    const seconds = await waitForFault(proxy)
    expect(seconds).toBeGreaterThanOrEqual(60)
    expect(seconds).toBeLessThan(63)
    expect((await pending).status).toBe(400)
    expect(proxy.told.faults.map(([, { code, message }]) => [code, message])).toEqual([
      ['model-timeout', 'Stub sent nothing for 60 s.'],
    ])
    await upstream.requests[0]?.closed
  })

  test('that stops after three words is given up after 45 s, and the words are kept', async () => {
    await using upstream = await scriptedUpstream(events(begun(wire), silence))
    const proxy = proxyFor(stubProvider(upstream.baseUrl))
    const response = await proxy.app.request(proxy.ask(wire, question(wire, { stream: true })))
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('three')) text += (await reader.read()).value ?? ''
    const last = reader.read()
    const seconds = await waitForFault(proxy)
    expect(seconds).toBeGreaterThanOrEqual(45)
    expect(seconds).toBeLessThan(48)
    expect((await last).value).toContain('"no_answer"')
    expect(proxy.told.faults.map(([, fault]) => fault.message)).toEqual(['Stub sent nothing for 45 s.'])
    await upstream.requests[0]?.closed
  })

  test('from a service that does not run is one model-error', async () => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    await once(server.close(), 'close')
    const { app, told, ask } = proxyFor(stubProvider(`http://127.0.0.1:${port}/v1`))
    expect((await app.request(ask(wire, question(wire, { stream: true })))).status).toBe(400)
    expect(told.faults.map(([, fault]) => fault.message)).toEqual(['Stub could not be reached.'])
  })

  test('is stopped at the provider when nobody reads it any more, and is no fault', async () => {
    await using upstream = await scriptedUpstream(events(begun(wire), silence))
    const { app, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const response = await app.request(ask(wire, question(wire, { stream: true })))
    await response.body?.cancel()
    await upstream.requests[0]?.closed
    expect(told.faults).toEqual([])
    expect(told.log.map((line) => JSON.parse(line).outcome)).toEqual(['cancelled'])
  })

  test('ends within a second when its token is revoked', async () => {
    await using upstream = await scriptedUpstream(events(begun(wire), silence))
    const { app, clock, told, tokens, token, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const response = await app.request(ask(wire, question(wire, { stream: true })))
    tokens.delete(token)
    await clock.advance(999)
    const last = eventsIn(await response.text()).at(-1)
    expect(JSON.parse(last?.data ?? '').error.code).toBe('invalid_api_key')
    await upstream.requests[0]?.closed
    expect(told.faults).toEqual([])
    expect((await app.request(ask(wire, question(wire)))).status).toBe(401)
  })
})

describe.each(wires)('a whole answer on %s', (wire) => {
  test.each<{ says: string; script: Script; code: FaultCode }>([
    { says: 'a refused key', script: refusal(401, 'invalid_api_key'), code: 'model-auth' },
    { says: 'a failure', script: refusal(503, 'overloaded'), code: 'model-error' },
    { says: 'nothing', script: (response) => response.writeHead(200).end(), code: 'model-empty' },
    { says: 'an empty object', script: json(200, {}), code: 'model-empty' },
    { says: 'no JSON', script: (response) => response.end('{"id": '), code: 'model-error' },
  ])('that is $says is one $code', async ({ script, code }) => {
    await using upstream = await scriptedUpstream(script)
    const { app, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const response = await app.request(ask(wire, question(wire)))
    expect(response.status).toBe(400)
    expect(JSON.stringify(await response.json())).not.toMatch(TRIGGERS)
    expect(told.faults.map(([, fault]) => fault.code)).toEqual([code])
  })
})
