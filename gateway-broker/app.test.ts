import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chat } from '#nips/jobs/chat'
import { type Clock, systemClock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { encodeHttpAuth, httpAuthHeader } from '#nips/nip98'
import type { Role } from '#nips/service'
import type { BrokerLine, FeedLine, Ticket } from '#nips/ticket'
import { type Person, person, requestOf } from '#tests/support/person'
import { tempDirectory } from '#tests/support/temp'
import { type BrokerDeps, createBroker } from './app.ts'
import { openBrokerStore } from './store/sqlite.ts'
import type { InstanceRow } from './store/store.ts'

const clock: Clock = systemClock()
const ORIGIN = 'http://127.0.0.1:8081'
const health = {
  openclaw: { version: '1', state: 'ready' as const, progress: 1 },
  model: { name: 'm', label: 'M', offline: true },
  driver: { name: 'd', guarantees: [], gaps: [], isolates: true },
}
const row: InstanceRow = {
  id: 'a'.repeat(16),
  owner: 'o',
  slug: 's',
  state: 'ready',
  reason: null,
  incarnation: 1,
  rev: 3,
  createdAt: 1,
}
const shown = {
  slug: 's',
  state: 'ready' as const,
  version: '1',
  model: 'm',
  offline: true,
  driver: 'd',
  incarnation: 1,
}

/** A broker whose desk says what a test wants, with one worker that it knows. */
function setUp(lines: BrokerLine[] = [{ type: 'result', output: { done: true } }]) {
  const worker = person()
  const base = tempDirectory()
  const dist = join(base, 'dist')
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(dist, 'index.html'), '<!doctype html>page')
  writeFileSync(join(dist, 'assets/app.js'), 'plain')
  writeFileSync(join(dist, 'assets/app.js.br'), 'smaller')
  writeFileSync(join(base, 'SKILL.md'), '# skill')
  writeFileSync(join(base, 'secret.txt'), 'not to be served')
  const taken: Ticket[] = []
  const changes: ((changed: InstanceRow) => void)[] = []
  const desk = {
    take: (ticket: Ticket) => {
      taken.push(ticket)
      if (lines.length === 0) throw new Fault('conflict', 'you have one already')
      return (listener: (line: BrokerLine) => void) => {
        for (const line of lines) listener(line)
        return () => undefined
      }
    },
  }
  const app = createBroker({
    auth: { origin: ORIGIN, store: openBrokerStore(':memory:'), clock },
    deployment: { operator: 'x', keys: new Map<string, Role>([[worker.pubkey, 'service']]) },
    desk,
    instances: {
      rows: () => [row],
      onChange: (listener: (changed: InstanceRow) => void) => void changes.push(listener),
    },
    runtime: { onChange: () => () => undefined },
    show: () => shown,
    health: () => health,
    discovery: { name: 'OpenAgents' },
    files: { dist, skill: join(base, 'SKILL.md') },
    clock,
    log: () => undefined,
  } as unknown as BrokerDeps)
  return { app, worker, taken, changes }
}

type Call = { method: string; path: string; body?: string; now?: number }

const signed = (by: Person, { method, path, body = '', now = clock.now() }: Call) => {
  const template = encodeHttpAuth(
    { method, url: `${ORIGIN}${path}`, body: new TextEncoder().encode(body) },
    now,
    crypto.randomUUID(),
  )
  return { method, headers: { authorization: httpAuthHeader(by.sign(template)) }, ...(body === '' ? {} : { body }) }
}
const job = (by: Person, body: string, change: Partial<Call> = {}) =>
  signed(by, { method: 'POST', path: '/v1/jobs', body, ...change })

const ticketText = async () =>
  JSON.stringify({
    request: await requestOf(
      chat,
      { instance: 'a'.repeat(16), text: 'hi' },
      { by: person(), to: person().pubkey, now: clock.now() },
    ),
  })
const linesOf = async (response: Response) =>
  (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BrokerLine)

describe('what only a worker may call', () => {
  test('is a stream of lines that ends with the last word of the job', async () => {
    const { app, worker, taken } = setUp([
      { type: 'phase', phase: 'running' },
      { type: 'result', output: { done: true } },
    ])
    const response = await app.request('/v1/jobs', job(worker, await ticketText()))
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect((await linesOf(response)).map(({ type }) => type)).toEqual(['phase', 'result'])
    expect(taken).toHaveLength(1)
  })

  test.each([
    { says: 'nobody', call: async (_worker: Person, body: string) => ({ method: 'POST', body }), status: 401 },
    {
      says: 'a stranger',
      call: async (_worker: Person, body: string) => job(person(), body),
      status: 403,
    },
    {
      says: 'a token for another path',
      call: async (worker: Person, body: string) => job(worker, body, { path: '/v1/feed' }),
      status: 401,
    },
    {
      says: 'a token for another body',
      call: async (worker: Person, body: string) => ({ ...job(worker, `${body} `), body }),
      status: 401,
    },
    {
      says: 'an old token',
      call: async (worker: Person, body: string) => job(worker, body, { now: clock.now() - 100 }),
      status: 401,
    },
  ])('is refused to $says, and nothing is taken on', async ({ call, status }) => {
    const { app, worker, taken } = setUp()
    const response = await app.request('/v1/jobs', await call(worker, await ticketText()))
    expect([response.status, taken]).toEqual([status, []])
    expect(await response.json()).toMatchObject({ ok: false, error: { hint: expect.any(String) } })
  })

  test('takes each token once, also when the Host header lies', async () => {
    const { app, worker } = setUp()
    const call = job(worker, await ticketText())
    expect((await app.request('http://evil.example/v1/jobs', call)).status).toBe(200)
    expect(await (await app.request('/v1/jobs', call)).json()).toMatchObject({
      error: { message: expect.stringContaining('replayed') },
    })
  })

  test('says in the envelope why a job is refused', async () => {
    const { app, worker } = setUp([])
    const response = await app.request('/v1/jobs', job(worker, await ticketText()))
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { error: { code: 'conflict', message: 'you have one already', retryable: false } },
    ])
    const garbage = await app.request('/v1/jobs', job(worker, '{"request":1}'))
    expect([garbage.status, await garbage.json()]).toMatchObject([400, { error: { code: 'invalid' } }])
  })

  test('tells everything there is, then every change', async () => {
    const { app, worker, changes } = setUp()
    const response = await app.request('/v1/feed', signed(worker, { method: 'GET', path: '/v1/feed' }))
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const next = async (count: number): Promise<FeedLine[]> => {
      while (text.split('\n').length <= count) text += (await reader?.read())?.value ?? ''
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as FeedLine)
    }
    expect((await next(3)).map(({ type }) => type)).toEqual(['health', 'instance', 'complete'])
    changes[0]?.({ ...row, rev: 4 })
    expect((await next(4)).at(-1)).toMatchObject({ type: 'instance', rev: 4, shown })
    await reader?.cancel()
  })
})

describe('what everybody may call', () => {
  test.each([
    { path: '/', status: 200, type: 'text/html', text: 'page' },
    { path: '/settings', status: 200, type: 'text/html', text: 'page' },
    { path: '/SKILL.md', status: 200, type: 'text/markdown', text: '# skill' },
    { path: '/assets/app.js', status: 200, type: 'text/javascript', text: 'plain' },
    { path: '/assets/old.js', status: 404, type: 'text/plain', text: 'no such file' },
    { path: '/healthz', status: 200, type: 'application/json', text: '"ok":true' },
    { path: '/api/openclaw/runtime/status', status: 200, type: 'application/json', text: '"state":"ready"' },
    { path: '/api/unknown', status: 404, type: 'application/json', text: 'not-found' },
    { path: '/api/unknown/deep?x=1', status: 404, type: 'application/json', text: 'not-found' },
    { path: '/v1/unknown', status: 404, type: 'application/json', text: 'not-found' },
    { path: '/.well-known/openagents.json', status: 200, type: 'application/json', text: 'OpenAgents' },
  ])('$path answers $status', async ({ path, status, type, text }) => {
    const response = await setUp().app.request(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([status, expect.stringContaining(type)])
    expect(await response.text()).toContain(text)
  })

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%00',
    '/%E0%A4%A',
  ])('%s reaches no file outside the page', async (path) => {
    const text = await (await setUp().app.request(`http://host${path}`)).text()
    expect(text).not.toContain('not to be served')
  })

  test('is compressed for whoever takes it, lasting where its name is its hash, and under a strict policy', async () => {
    const { app } = setUp()
    const script = await app.request('/assets/app.js', { headers: { 'accept-encoding': 'gzip, br' } })
    expect([await script.text(), script.headers.get('content-encoding')]).toEqual(['smaller', 'br'])
    expect(script.headers.get('cache-control')).toContain('immutable')
    const page = await app.request('/')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    for (const response of [script, page])
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s to an unknown API path is a JSON 404', async (method) => {
    const response = await setUp().app.request('/api/nothing', { method })
    expect([response.status, await response.json()]).toMatchObject([404, { ok: false, error: { code: 'not-found' } }])
  })
})
