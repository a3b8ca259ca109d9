import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { RelayAtUrl } from '../testing/served.ts'
import { is } from '../testing/wire.ts'

/** Starts a relay behind the server that is tested, with these settings and every signature taken for good. */
export type Start = (env: Record<string, string>) => Promise<RelayAtUrl>

/** What every server has to do, told from outside. */
export function serverSuite(start: Start): void {
  let relay: RelayAtUrl
  beforeAll(async () => {
    relay = await start({ RELAY_MAX_PENDING: '1048576' })
  })
  afterAll(() => relay.close())

  describe('plain HTTP', () => {
    test('NIP-11 tells what the relay enforces, for every web page', async () => {
      const answer = await fetch(relay.http, { headers: { accept: 'application/nostr+json' } })
      expect([
        answer.status,
        answer.headers.get('content-type'),
        answer.headers.get('access-control-allow-origin'),
      ]).toEqual([200, 'application/nostr+json', '*'])
      expect(await answer.json()).toMatchObject({
        name: 'test',
        self: expect.stringMatching(/^[0-9a-f]{64}$/),
        supported_nips: expect.arrayContaining([1, 9, 11, 40, 42, 62, 70]),
        limitation: {
          max_message_length: 131_072,
          max_subscriptions: 64,
          max_filters: 10,
          max_limit: 500,
          max_event_tags: 2000,
        },
      })
    })

    test.each([
      { says: 'a browser gets a page', path: '/', method: 'GET', status: 200, text: /Nostr relay/ },
      { says: 'a HEAD gets no text', path: '/', method: 'HEAD', status: 200, text: /^$/ },
      { says: 'a preflight gets its headers', path: '/', method: 'OPTIONS', status: 204, text: /^$/ },
      { says: 'another path is not found', path: '/x', method: 'GET', status: 404, text: /Not found/ },
      { says: 'another method is refused', path: '/', method: 'PUT', status: 405, text: /only/ },
      { says: 'the health is asked', path: '/healthz', method: 'GET', status: 200, text: /"ok":true/ },
      {
        says: 'numbers are counted',
        path: '/metrics',
        method: 'GET',
        status: 200,
        text: /strfry_connections_current \d/,
      },
      {
        says: 'NodeInfo is found',
        path: '/.well-known/nodeinfo',
        method: 'GET',
        status: 200,
        text: /"href":"http:.*\/nodeinfo\/2\.1"/,
      },
      { says: 'NodeInfo is told', path: '/nodeinfo/2.1', method: 'GET', status: 200, text: /"protocols":\["nostr"\]/ },
    ])('$says', async ({ path, method, status, text }) => {
      const answer = await fetch(relay.http + path, { method })
      expect([answer.status, answer.headers.get('access-control-allow-headers')]).toEqual([status, '*, Authorization'])
      expect(await answer.text()).toMatch(text)
    })

    test('whoever asks for JSON is refused in JSON', async () => {
      const answer = await fetch(`${relay.http}/x`, { headers: { accept: 'application/json' } })
      expect([answer.status, await answer.json()]).toEqual([404, { error: expect.stringMatching(/Not found/) }])
    })

    test('a WebSocket is opened at / only', async () => {
      const socket = new WebSocket(`${relay.url}/other`)
      const status = await new Promise((resolve) => {
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
        socket.on('error', () => undefined)
      })
      expect(status).toBe(404)
    })

    test('an upgrade that is no WebSocket is answered, and the relay goes on', async () => {
      const status = await new Promise((resolve) => {
        const asked = request(relay.http, { headers: { connection: 'upgrade', upgrade: 'websocket' } })
        asked.on('response', (response) => resolve(response.statusCode))
        asked.end()
      })
      expect(status).toBe(400)
      await relay.client()
    })
  })

  describe('a connection is ended', () => {
    const big = (bytes: number): string => `["REQ","x",{"#t":["${'x'.repeat(bytes - 23)}"]}]`

    test.each([
      { says: 'for a message over the limit', code: 1009, send: (socket: WebSocket) => socket.send(big(131_073)) },
      {
        says: 'for a message over the limit in pieces',
        code: 1009,
        send: (socket: WebSocket) => {
          socket.send(' '.repeat(70_000), { fin: false })
          socket.send(' '.repeat(70_000), { fin: false })
        },
      },
      {
        says: 'for bytes that are no text',
        code: 1007,
        send: (socket: WebSocket) => socket.send(Buffer.from([0xc3, 0x28]), { binary: false }),
      },
      {
        says: 'for a binary message',
        code: 1003,
        send: (socket: WebSocket) => socket.send(Buffer.from('[]'), { binary: true }),
      },
    ])('$says', async ({ code, send }) => {
      const client = await relay.client()
      send(client.socket)
      expect(await client.ended).toBe(code)
    })

    test('but not for a message just within the limit, nor for one in pieces', async () => {
      const client = await relay.client()
      const frame = big(131_072)
      expect(frame).toHaveLength(131_072)
      client.raw(frame)
      await client.next(is('EOSE', 'x'))
      const parts = ['["REQ","', 'pieces', '",{"limit":0}]']
      for (const [at, part] of parts.entries()) client.socket.send(part, { fin: at === 2 })
      await client.next(is('EOSE', 'pieces'))
    })

    test('for a client that does not read what it asked for, and for nobody else', async () => {
      const [slow, publisher] = [await relay.client(), await relay.client()]
      await slow.ask('flood', { kinds: [20_000] })
      slow.socket.pause()
      const author = relay.person()
      const event = author.sign({ kind: 20_000, content: 'x'.repeat(100_000) })
      for (let count = 0; count < 200; count++) await publisher.publish(event)
      slow.socket.resume()
      expect(await slow.ended).toBe(1006)
      expect(await publisher.publish(event)).toEqual([true, ''])
    })

    test('not for a client that is slow to read what is stored: the relay waits for it', async () => {
      const [slow, publisher] = [await relay.client(), await relay.client()]
      const author = relay.person()
      const events = Array.from({ length: 150 }, (_, at) => author.sign({ content: String(at).padEnd(80_000) }))
      for (const event of events) await publisher.publish(event)
      slow.socket.pause()
      const answer = slow.ask('all', { authors: [author.pubkey] })
      for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate)
      expect((await publisher.ask('few', { authors: [author.pubkey], limit: 3 })).ids).toHaveLength(3)
      slow.socket.resume()
      expect((await answer).ids).toHaveLength(150)
    })

    test('when a ping is not answered by the next', async () => {
      const quiet = new WebSocket(relay.url, { autoPong: false })
      await new Promise((resolve) => quiet.once('open', resolve))
      const lively = await relay.client()
      const pinged = new Promise((resolve) => quiet.once('ping', resolve))
      const answered = new Promise((resolve) => lively.socket.once('ping', resolve))
      const ended = new Promise((resolve) => quiet.once('close', resolve))
      await relay.advance(0)
      await Promise.all([pinged, answered])
      await lively.ask('x', { limit: 0 })
      await relay.advance(0)
      expect(await ended).toBe(1006)
      expect((await lively.ask('x', { limit: 0 })).end[0]).toBe('EOSE')
    })
  })

  describe('behind a proxy that names addresses', () => {
    let limited: RelayAtUrl
    beforeAll(async () => {
      limited = await start({
        RELAY_REAL_IP_HEADER: 'X-Real-IP',
        RELAY_MAX_CONNECTIONS: '6',
        RELAY_MAX_CONNECTIONS_PER_IP: '2',
        RELAY_MAX_BYTES_PER_SECOND: '50000',
      })
    })
    afterAll(() => limited.close())

    /** Resolves with the open WebSocket, or with the HTTP status that refused it. */
    const come = (address: string): Promise<WebSocket | number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(limited.url, { headers: { 'X-Real-IP': address } })
        socket.on('error', () => undefined)
        socket.on('open', () => resolve(socket))
        socket.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode))
      })
    const comeAll = (addresses: string[]) => Promise.all(addresses.map(come))
    async function leaveAll(sockets: readonly (WebSocket | number)[]): Promise<void> {
      for (const socket of sockets) {
        if (typeof socket === 'number') continue
        const closed = new Promise((resolve) => socket.once('close', resolve))
        socket.close()
        await closed
      }
    }
    const statuses = (sockets: readonly (WebSocket | number)[]) =>
      sockets.map((socket) => (typeof socket === 'number' ? socket : 'open'))

    test('an address has so many connections, and gets another when one has ended', async () => {
      const first = await comeAll(['203.0.113.1', '203.0.113.1'])
      const second = await comeAll(['203.0.113.1', '203.0.113.2'])
      expect(statuses([...first, ...second])).toEqual(['open', 'open', 429, 'open'])
      await leaveAll(first)
      const third = await comeAll(['203.0.113.1'])
      expect(statuses(third)).toEqual(['open'])
      await leaveAll([...second, ...third])
    })

    test('all IPv6 addresses of one customer are one, and this machine is not counted', async () => {
      const six = await comeAll(['2001:db8::1', '2001:db8::2', '2001:db8::3'])
      expect(statuses(six).sort()).toEqual([429, 'open', 'open'])
      const here = await comeAll(['127.0.0.1', '127.0.0.1', '::1'])
      expect(statuses(here)).toEqual(['open', 'open', 'open'])
      await leaveAll([...six, ...here])
    })

    test('a full relay takes nobody', async () => {
      const all = await comeAll([1, 2, 3, 4, 5, 6].map((at) => `198.51.100.${at}`))
      expect(statuses([...all, await come('198.51.100.7')])).toEqual([...Array(6).fill('open'), 503])
      await leaveAll(all)
    })

    test('who sends more than its share is read no further until it has earned it', async () => {
      const [busy] = await comeAll(['203.0.113.9'])
      if (!(busy instanceof WebSocket)) throw new Error('not open')
      let told = 0
      busy.on('message', () => {
        told += 1
      })
      const close = `["CLOSE","${'x'.repeat(100_000)}"]`
      for (let at = 0; at < 40; at++) busy.send(close)
      const other = await limited.client()
      expect((await other.ask('x', { limit: 0 })).end[0]).toBe('EOSE')
      for (let turns = 0; turns < 20; turns++) await other.ask('x', { limit: 0 })
      expect(told).toBeLessThan(40)
      busy.terminate()
    })
  })

  test('messages are compressed where that is on, and no more than the limit comes out of one', async () => {
    const compressing = await start({ RELAY_COMPRESSION: '1' })
    const client = await compressing.client()
    expect(client.socket.extensions).toContain('permessage-deflate')
    const note = compressing.person().sign({ content: 'x'.repeat(20_000) })
    expect(await client.publish(note)).toEqual([true, ''])
    expect((await client.ask('x', { ids: [note.id] })).ids).toEqual([note.id])
    client.socket.send(' '.repeat(10_000_000), { compress: true })
    expect(await client.ended).toBe(1009)
    const plain = await relay.client()
    expect(plain.socket.extensions).toBe('')
    await compressing.close()
  })

  test('a relay that stops says goodbye', async () => {
    const stopping = await start({})
    const client = await stopping.client()
    const note = stopping.person().sign({})
    expect(await client.publish(note)).toEqual([true, ''])
    client.socket.removeAllListeners('ping')
    const closing = stopping.stop()
    expect(await client.ended).toBe(1001)
    await closing
    await expect(stopping.client()).rejects.toThrow()
  })
}
