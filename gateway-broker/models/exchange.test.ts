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

type Case = { says: string; script: (wire: Wire) => Script; code: FaultCode; streaming?: true; silent?: true }

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
  { says: '200, then silence', script: () => events([], silence), code: 'model-timeout', silent: true },
  { says: 'no status at all', script: () => silence, code: 'model-timeout', silent: true },
  { says: 'malformed JSON', script: () => events(['{"id": ']), code: 'model-error' },
  { says: 'JSON that is no object', script: () => events(['7']), code: 'model-error' },
  {
    says: 'an answer without text and tool call',
    script: (wire) => events([...samples[wire].begin, ...samples[wire].nothing]),
    code: 'model-empty',
    streaming: true,
  },
  {
    says: 'silence after three words',
    script: (wire) => events(begun(wire), silence),
    code: 'model-timeout',
    streaming: true,
    silent: true,
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

/** Lets the clock run until something is settled. */
async function inTime<T>(clock: { advance(ms: number): void }, pending: Promise<T>): Promise<T> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  pending.then(settle, settle)
  while (!isSettled) {
    clock.advance(1000)
    await setImmediate()
  }
  return pending
}

describe.each(wires)('a streamed answer on %s', (wire) => {
  test.each(cases)('that is $says is one $code', async ({ script, code, streaming, silent }) => {
    await using upstream = await scriptedUpstream(script(wire))
    const { app, clock, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const answer = async () => {
      const response = await app.request(ask(wire, question(wire, { stream: true })))
      return { status: response.status, text: await response.text() }
    }
    const { status, text } = await (silent ? inTime(clock, answer()) : answer())

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
    clock.advance(999)
    const last = eventsIn(await response.text()).at(-1)
    expect(JSON.parse(last?.data ?? '').error.code).toBe('invalid_api_key')
    await upstream.requests[0]?.closed
    expect(told.faults).toEqual([])
    expect((await app.request(ask(wire, question(wire)))).status).toBe(401)
  })
})

describe.each(wires)('a whole answer on %s', (wire) => {
  test.each<{ says: string; script: Script; code: FaultCode; silent?: true }>([
    { says: 'a refused key', script: refusal(401, 'invalid_api_key'), code: 'model-auth' },
    { says: 'a failure', script: refusal(503, 'overloaded'), code: 'model-error' },
    { says: 'nothing', script: (response) => response.writeHead(200).end(), code: 'model-empty' },
    { says: 'an empty object', script: json(200, {}), code: 'model-empty' },
    { says: 'no JSON', script: (response) => response.end('{"id": '), code: 'model-error' },
    { says: 'silence', script: silence, code: 'model-timeout', silent: true },
  ])('that is $says is one $code', async ({ script, code, silent }) => {
    await using upstream = await scriptedUpstream(script)
    const { app, clock, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const pending = Promise.resolve(app.request(ask(wire, question(wire))))
    const response = await (silent ? inTime(clock, pending) : pending)
    expect(response.status).toBe(400)
    expect(JSON.stringify(await response.json())).not.toMatch(TRIGGERS)
    expect(told.faults.map(([, fault]) => fault.code)).toEqual([code])
  })
})
