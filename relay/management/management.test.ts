import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { encodeHttpAuth, httpAuthHeader } from '#nips/nip98'
import type { Person } from '../testing/events.ts'
import { ask, manage, type Token } from '../testing/managed.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import type { Client } from '../testing/wire.ts'
import { methods } from './methods.ts'

let relay: TestRelay
let wire: Client
let somebody: Person
beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_PUBLIC_URL: 'wss://relay.example' } })
  wire = await relay.client()
})
afterAll(() => relay.close())

const call = JSON.stringify({ method: 'supportedmethods', params: [] })
const stranger = () => relay.person()

describe('the door', () => {
  test.each<{ says: string; token: () => Omit<Token, 'by'> & Partial<Token>; status: number }>([
    { says: 'takes the operator', token: () => ({}), status: 200 },
    { says: 'takes the relay by its WebSocket URL', token: () => ({ url: relay.url }), status: 200 },
    { says: 'takes a URL with a slash', token: () => ({ url: `${relay.http}/` }), status: 200 },
    { says: 'takes a public URL', token: () => ({ url: 'https://relay.example' }), status: 200 },
    { says: 'takes a public URL as WebSocket', token: () => ({ url: 'wss://relay.example/' }), status: 200 },
    { says: 'refuses another host', token: () => ({ url: 'https://other.example' }), status: 401 },
    { says: 'refuses another path', token: () => ({ url: `${relay.http}/other` }), status: 401 },
    { says: 'refuses a query', token: () => ({ url: `${relay.http}/?a=1` }), status: 401 },
    { says: 'refuses a URL of another kind', token: () => ({ url: 'ftp://relay.example' }), status: 401 },
    { says: 'refuses a token for another body', token: () => ({ payload: `${call} ` }), status: 401 },
    { says: 'refuses a token without a payload', token: () => ({ payload: '' }), status: 401 },
    { says: 'refuses a token for another method', token: () => ({ method: 'GET' }), status: 401 },
    { says: 'refuses an old token', token: () => ({ at: relay.clock.now() - 61 }), status: 401 },
    { says: 'refuses a token from before it started', token: () => ({ at: relay.clock.now() - 1 }), status: 401 },
    { says: 'refuses a token from ahead', token: () => ({ at: relay.clock.now() + 61 }), status: 401 },
    { says: 'refuses no token', token: () => ({ header: '' }), status: 401 },
    { says: 'refuses a bearer', token: () => ({ header: 'Bearer x' }), status: 401 },
    { says: 'refuses somebody else', token: () => ({ by: stranger() }), status: 403 },
  ])('$says', async ({ token, status }) => {
    const answer = await ask(relay, call, { by: relay.operator, ...token() })
    expect([answer.status, answer.error === undefined]).toEqual([status, status === 200])
  })

  test('takes each token once, also when it comes twice at a time', async () => {
    const call98 = { method: 'POST', url: relay.http, body: new TextEncoder().encode(call) }
    const header = httpAuthHeader(relay.operator.sign(encodeHttpAuth(call98, relay.clock.now(), 'once')))
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(relay, call, { by: relay.operator, header })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  })

  test('takes the admins it was told of', async () => {
    const admin = relay.person()
    const other = await serveRelay({ env: { RELAY_ADMINS: admin.pubkey } })
    expect((await ask(other, call, { by: admin })).status).toBe(200)
    await other.close()
  })

  test.each([
    { says: 'no JSON', body: 'hello', error: /has to be/ },
    { says: 'no method', body: '{"params":[]}', error: /has to be/ },
    { says: 'an unknown method', body: '{"method":"stop","params":[]}', error: /no such method/ },
    { says: 'a method of every object', body: '{"method":"constructor"}', error: /no such method/ },
    { says: 'no key', body: '{"method":"banpubkey","params":["x"]}', error: /^params\[0\]: must be 64/ },
    { says: 'too few parameters', body: '{"method":"banpubkey","params":[]}', error: /^params/ },
    { says: 'no kind', body: '{"method":"allowkind","params":["1"]}', error: /^params\[0\]/ },
    { says: 'no address', body: '{"method":"blockip","params":["here"]}', error: /IP address/ },
  ])('says what is wrong with $says', async ({ body, error }) => {
    const answer = await ask(relay, body, { by: relay.operator })
    expect(answer).toMatchObject({ status: 200, error: expect.stringMatching(error) })
  })

  test('may be asked from every web page', async () => {
    const { headers } = await fetch(relay.http, { method: 'OPTIONS' })
    expect(headers.get('access-control-allow-headers')).toMatch(/authorization/i)
    expect(headers.get('access-control-allow-methods')).toMatch(/POST/)
  })
})

test('all methods are named, each once', async () => {
  const named = (await manage(relay, 'supportedmethods')) as string[]
  expect(named).toEqual(methods.map(({ name }) => name).filter((name) => name !== 'supportedmethods'))
  expect(new Set(named).size).toBe(named.length)
})

describe('lists: what is put on one is on it, with its reason, and comes off again', () => {
  const key = 'a'.repeat(64)
  test.each([
    { on: 'banpubkey', off: 'unbanpubkey', list: 'listbannedpubkeys', value: key, name: 'pubkey' },
    { on: 'allowpubkey', off: 'unallowpubkey', list: 'listallowedpubkeys', value: key, name: 'pubkey' },
    { on: 'banevent', off: 'allowevent', list: 'listbannedevents', value: key, name: 'id' },
    { on: 'blockip', off: 'unblockip', list: 'listblockedips', value: '192.0.2.1', name: 'ip' },
  ])('$on', async ({ on, off, list, value, name }) => {
    expect(await manage(relay, on, value, 'because')).toBe(true)
    expect(await manage(relay, list)).toEqual([{ [name]: value, reason: 'because' }])
    expect(await manage(relay, off, value)).toBe(true)
    expect(await manage(relay, list)).toEqual([])
    await manage(relay, on, value)
    expect(await manage(relay, list)).toEqual([{ [name]: value }])
    await manage(relay, off, value)
  })
})

describe('what an admin rules holds at once', () => {
  test('a banned key writes nothing, until it may again', async () => {
    somebody = relay.person()
    await manage(relay, 'banpubkey', somebody.pubkey)
    expect(await wire.publish(somebody.sign({}))).toEqual([false, 'blocked: this key is banned'])
    await manage(relay, 'unbanpubkey', somebody.pubkey)
    expect(await wire.publish(somebody.sign({}))).toEqual([true, ''])
  })

  test('whoever runs the relay cannot be banned', async () => {
    for (const pubkey of [relay.operator.pubkey, relay.self])
      await expect(manage(relay, 'banpubkey', pubkey)).rejects.toThrow(/cannot be banned/)
  })

  test('a banned event is gone and does not come back', async () => {
    const note = relay.person().sign({})
    await wire.publish(note)
    await manage(relay, 'banevent', note.id, 'spam')
    expect((await wire.ask('gone', { ids: [note.id] })).ids).toEqual([])
    expect(await wire.publish(note)).toEqual([false, 'blocked: this event is banned'])
    await manage(relay, 'allowevent', note.id)
    expect(await wire.publish(note)).toEqual([true, ''])
  })

  test('what is on record cannot be banned', async () => {
    const result = relay.service.sign({ kind: 6785, tags: [['p', relay.operator.pubkey]] })
    await wire.publish(result)
    await expect(manage(relay, 'banevent', result.id)).rejects.toThrow(/stays on record/)
  })

  test('kinds are ruled out by name, and by naming others; the service is not asked', async () => {
    const author = relay.person()
    const post = async (kind: number) => (await wire.publish(author.sign({ kind, content: String(Math.random()) })))[0]
    await manage(relay, 'disallowkind', 7)
    expect([await post(1), await post(7)]).toEqual([true, false])
    expect(await manage(relay, 'listdisallowedkinds')).toEqual([7])
    await manage(relay, 'allowkind', 7)
    expect([await post(1), await post(7)]).toEqual([true, true])
    for (const kind of [7, 8]) await manage(relay, 'allowkind', kind)
    expect(await manage(relay, 'listallowedkinds')).toEqual([7, 8])
    expect([await post(1), await post(7), await post(5)]).toEqual([false, true, true])
    expect((await wire.publish(relay.service.sign({ kind: 7000 })))[0]).toBe(true)
    await manage(relay, 'disallowkind', 8)
    expect([await post(7), await post(8)]).toEqual([true, false])
    await manage(relay, 'disallowkind', 7)
    expect([await post(1), await post(7)]).toEqual([true, false])
    await manage(relay, 'allowkind', 7)
    expect([await post(1), await post(7)]).toEqual([true, true])
  })

  test('NIP-11 says what an admin says', async () => {
    const info = async () => (await fetch(relay.http, { headers: { accept: 'application/nostr+json' } })).json()
    await manage(relay, 'changerelayname', 'Ours')
    await manage(relay, 'changerelaydescription', 'For us')
    await manage(relay, 'changerelayicon', 'https://relay.example/i.png')
    expect(await info()).toMatchObject({ name: 'Ours', description: 'For us', icon: 'https://relay.example/i.png' })
    await manage(relay, 'changerelayname', '')
    expect(await info()).toMatchObject({ name: 'test' })
  })
})

test('a blocked address is not let in, and what is open there says no more', async () => {
  const other = await serveRelay()
  const client = await other.client()
  await manage(other, 'blockip', '::FFFF:127.0.0.1')
  expect(await manage(other, 'listblockedips')).toEqual([{ ip: '127.0.0.1' }])
  expect(await client.publish(other.person().sign({}))).toEqual([false, 'blocked: this address is blocked'])
  const status = await new Promise((resolve) => {
    const socket = new WebSocket(other.url)
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.on('error', () => undefined)
  })
  expect(status).toBe(403)
  await manage(other, 'unblockip', '127.0.0.1')
  await other.client()
  await other.close()
})

describe('reports (NIP-56)', () => {
  test('name the events that need an admin, with reasons and how many give them', async () => {
    const [author, one, two] = [relay.person(), relay.person(), relay.person()]
    const [bad, worse] = [author.sign({ content: 'bad' }), author.sign({ content: 'worse' })]
    const job = author.sign({ kind: 5785, tags: [['p', relay.service.pubkey]] })
    for (const event of [bad, worse, job]) expect((await wire.publish(event))[0]).toBe(true)
    const report = (by: Person, ...[id, type, content = '']: string[]) => {
      const tags = [
        ['e', id ?? '', type ?? ''],
        ['p', author.pubkey],
      ]
      return wire.publish(by.sign({ kind: 1984, content, tags }))
    }
    await report(one, bad.id, 'spam')
    await report(one, worse.id, 'spam')
    await report(two, worse.id, 'spam')
    await report(two, worse.id, 'illegal', 'he insults the king')
    await report(one, job.id, 'spam')
    await report(one, 'f'.repeat(64), 'spam')
    await report(one, 'x', 'spam')
    expect(await manage(relay, 'listeventsneedingmoderation')).toEqual([
      { id: worse.id, reason: '2 × spam; 1 × illegal: he insults the king' },
      { id: bad.id, reason: '1 × spam' },
    ])
    await manage(relay, 'allowevent', bad.id)
    await manage(relay, 'banevent', worse.id)
    expect(await manage(relay, 'listeventsneedingmoderation')).toEqual([])
  })
})

test('two admins at once do not undo each other, and a restart forgets nothing', async () => {
  const admin = relay.person()
  const keys = Array.from({ length: 20 }, (_, at) => at.toString(16).padStart(64, '0'))
  const other = await serveRelay({ env: { RELAY_ADMINS: admin.pubkey } })
  const by = (person: Person, method: string, ...params: unknown[]) =>
    ask(other, JSON.stringify({ method, params }), { by: person })
  await by(admin, 'createrole', 'king')
  await by(admin, 'createrole', 'queen')
  await Promise.all(keys.map((key, at) => by(at % 2 === 0 ? admin : other.operator, 'banpubkey', key, String(at))))
  await by(admin, 'allowpubkey', admin.pubkey)
  await Promise.all([
    by(admin, 'assignrole', admin.pubkey, 'king'),
    by(other.operator, 'assignrole', admin.pubkey, 'queen'),
  ])
  expect(await manage(other, 'listbannedpubkeys')).toHaveLength(20)
  expect([...other.store.list('member-roles').values()].map((roles) => roles.split(',').sort())).toEqual([
    ['king', 'queen'],
  ])
  await other.close()
})
