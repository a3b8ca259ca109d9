import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { describe, expect, test } from 'vitest'
import { eventsIn, newToken, paths, proxyFor, question, stubProvider } from './fixtures/proxy.ts'
import { answering, events, json, refusal, samples, scriptedUpstream, silence } from './fixtures/scripted-upstream.ts'
import type { JsonObject, Wire } from './provider.ts'
import { createUpstream } from './upstream.ts'

const wires: Wire[] = ['chat', 'responses']

const tools = [{ type: 'function', function: { name: 'ls', parameters: { type: 'object', properties: {} } } }]

/** Members a gateway may send; nothing of them is for the proxy. */
const members: Record<Wire, JsonObject> = {
  chat: {
    messages: [
      { role: 'user', content: 'List' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'a b' },
    ],
    tools,
    tool_choice: 'auto',
    response_format: { type: 'json_object' },
    reasoning_effort: 'low',
    max_completion_tokens: 99,
    user: 'somebody',
    metadata: { a: 'b' },
  },
  responses: {
    input: [{ type: 'function_call_output', call_id: 'c1', output: 'a b' }],
    instructions: 'Be short.',
    tools: [{ type: 'function', name: 'ls', parameters: { type: 'object', properties: {} }, strict: false }],
    reasoning: { effort: 'low' },
    text: { format: { type: 'json_object' } },
    max_output_tokens: 99,
    store: false,
  },
}

describe.each(wires)('a request on %s', (wire) => {
  test('reaches the provider as the gateway wrote it, with the key and the model of the provider', async () => {
    await using upstream = await scriptedUpstream(answering(wire))
    const key = newToken()
    const { app, ask } = proxyFor(stubProvider(upstream.baseUrl, key))
    await (await app.request(ask(wire, { ...members[wire], stream: true }))).text()
    const [received] = upstream.requests
    const usage = wire === 'chat' ? { stream_options: { include_usage: true } } : {}
    expect(received?.path).toBe(paths[wire])
    expect(received?.body).toEqual({ ...members[wire], model: 'stub-1', stream: true, ...usage })
    expect(received?.headers.authorization).toBe(`Bearer ${key}`)
  })

  test('gets a stream in the framing and with the events of the provider', async () => {
    await using upstream = await scriptedUpstream(answering(wire))
    const { app, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const options = wire === 'chat' ? { stream_options: { include_usage: true } } : {}
    const response = await app.request(ask(wire, question(wire, { stream: true, ...options })))
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const { begin, words, finish } = samples[wire]
    expect(eventsIn(await response.text())).toEqual(
      [...begin, ...words, ...finish].map((event) => {
        if (typeof event === 'string') return { data: event }
        const data = JSON.stringify(event)
        return wire === 'responses' ? { event: event.type, data } : { data }
      }),
    )
  })

  test('gets a whole answer as the provider wrote it', async () => {
    await using upstream = await scriptedUpstream(answering(wire))
    const { app, ask } = proxyFor(stubProvider(upstream.baseUrl))
    const response = await app.request(ask(wire, question(wire)))
    expect(await response.json()).toEqual(samples[wire].whole)
  })

  test.each([true, false])('is counted once, by the provider (stream: %s)', async (stream) => {
    await using upstream = await scriptedUpstream(answering(wire))
    const { app, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    await (await app.request(ask(wire, question(wire, { stream })))).text()
    expect(told.usage).toEqual([{ instance: 'a'.repeat(16), model: 'stub-1', inputTokens: 11, outputTokens: 3 }])
    expect(told.faults).toEqual([])
  })

  test('is counted roughly when the provider was cut off before it could count', async () => {
    const { begin, words } = samples[wire]
    await using upstream = await scriptedUpstream(events([...begin, ...words]))
    const { app, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
    await (await app.request(ask(wire, question(wire, { stream: true })))).text()
    expect(told.usage).toMatchObject([
      { inputTokens: expect.any(Number), outputTokens: Math.ceil('one two three'.length / 4) },
    ])
  })

  test('is stopped at the provider at once when the gateway hangs up', async () => {
    await using upstream = await scriptedUpstream(silence)
    const { app, told, token } = proxyFor(stubProvider(upstream.baseUrl))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const headers = { authorization: `Bearer ${token}` }
    const call = request({ port, path: paths[wire], method: 'POST', headers, host: '127.0.0.1' })
    call.on('error', () => undefined)
    call.end(JSON.stringify({ model: 'stub-1', ...question(wire, { stream: true }) }))
    await expect.poll(() => upstream.requests.length, { interval: 2 }).toBe(1)
    const since = performance.now()
    call.destroy()
    await upstream.requests[0]?.closed
    expect(performance.now() - since).toBeLessThan(500)
    await expect.poll(() => told.log.length, { interval: 2 }).toBe(1)
    expect(told.faults).toEqual([])
    server.close()
  })
})

test('a chat that did not ask for usage gets none', async () => {
  await using upstream = await scriptedUpstream(answering('chat'))
  const { app, ask } = proxyFor(stubProvider(upstream.baseUrl))
  const text = await (await app.request(ask('chat', question('chat', { stream: true })))).text()
  expect(text).not.toContain('usage')
  expect(eventsIn(text).at(-1)?.data).toBe('[DONE]')
})

test('a tool call is an answer', async () => {
  const call = { index: 0, id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } }
  const chunks = [
    { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] } }] },
    { object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  ]
  await using upstream = await scriptedUpstream(events(chunks))
  const { app, told, ask } = proxyFor(stubProvider(upstream.baseUrl))
  const text = await (await app.request(ask('chat', question('chat', { stream: true, tools })))).text()
  expect(eventsIn(text).map(({ data }) => data)).toEqual([...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'])
  expect(told.faults).toEqual([])
})

test('a provider without a key is asked without one', async () => {
  await using upstream = await scriptedUpstream(answering('chat'))
  const { baseUrl } = upstream
  const { app, ask } = proxyFor(createUpstream({ name: 'ollama', label: 'Ollama', model: 'm', baseUrl }, fetch))
  expect((await app.request(ask('chat', question('chat')))).status).toBe(200)
  expect(upstream.requests[0]?.headers).not.toHaveProperty('authorization')
})

test.each([
  { says: 'in a refusal', script: (key: string) => refusal(401, 'invalid_api_key', `Wrong key: ${key}`) },
  { says: 'in a bad request', script: (key: string) => json(400, { error: { message: key, code: key, type: key } }) },
  { says: 'in a page', script: (key: string) => json(500, `<html>${key}`) },
  { says: 'in half an event', script: (key: string) => events([`{"key":"${key}"`]) },
  { says: 'in an error of the stream', script: (key: string) => events([{ error: { message: key, code: key } }]) },
])("the provider's key is shown to nobody when the provider repeats it $says", async ({ script }) => {
  await using upstream = await scriptedUpstream(silence)
  const key = newToken()
  upstream.play(script(key))
  const provider = stubProvider(upstream.baseUrl, key)
  const { app, told, ask } = proxyFor(provider)
  const response = await app.request(ask('chat', question('chat', { stream: true })))
  const shown = [await response.text(), ...response.headers.values(), ...told.log, told.faults[0]?.[1].message]
  expect(told.log).toHaveLength(1)
  expect(JSON.stringify([shown, provider])).not.toContain(key)
})

describe('the door', () => {
  const asks: { says: string; change: (own: Request) => Request; status: number; code: string }[] = [
    {
      says: 'no token',
      change: (own) => new Request(own.url, { method: 'POST', body: '{}' }),
      status: 401,
      code: 'invalid_api_key',
    },
    {
      says: 'a token nobody has',
      change: (own) => new Request(own, { headers: { authorization: `Bearer ${'f'.repeat(32)}` } }),
      status: 401,
      code: 'invalid_api_key',
    },
    {
      says: 'a token that is no bearer token',
      change: (own) => new Request(own, { headers: { authorization: `Basic ${own.headers.get('authorization')}` } }),
      status: 401,
      code: 'invalid_api_key',
    },
    { says: 'no JSON', change: (own) => new Request(own, { body: '{"model"' }), status: 400, code: 'invalid_json' },
    { says: 'a JSON list', change: (own) => new Request(own, { body: '[]' }), status: 400, code: 'invalid_json' },
    {
      says: 'another model',
      change: (own) => new Request(own, { body: '{"model":"gpt-9"}' }),
      status: 404,
      code: 'model_not_found',
    },
    {
      says: 'more than 8 MiB',
      change: (own) => new Request(own, { body: ' '.repeat(8 * 1024 * 1024 + 1) }),
      status: 413,
      code: 'request_too_large',
    },
    {
      says: 'another path',
      change: (own) => new Request('http://proxy/v1/embeddings', own),
      status: 404,
      code: 'unknown_url',
    },
  ]
  test.each(asks)(
    'answers $says with $status in the shape of OpenAI, and asks no model',
    async ({ change, status, code }) => {
      await using upstream = await scriptedUpstream(answering('chat'))
      const { app, ask, told } = proxyFor(stubProvider(upstream.baseUrl))
      const response = await app.request(change(ask('chat', question('chat'))))
      expect(response.status).toBe(status)
      expect(await response.json()).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code },
      })
      expect([upstream.requests, told.faults, told.usage]).toEqual([[], [], []])
    },
  )

  test('lists the one model', async () => {
    const { app, token } = proxyFor(stubProvider('http://127.0.0.1:9/v1'))
    const headers = { authorization: `Bearer ${token}` }
    const response = await app.request('/v1/models', { headers })
    expect(await response.json()).toMatchObject({ object: 'list', data: [{ id: 'stub-1', object: 'model' }] })
    expect((await app.request('/v1/models')).status).toBe(401)
  })
})
