import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RelayAtUrl } from '../testing/served.ts'
import type { Start } from './server.suite.ts'

const handshake = (version = 13) =>
  [
    'GET / HTTP/1.1',
    'Host: relay.example',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Version: ${version}`,
  ].join('\r\n')

const END = '\r\n\r\n'
const MASK = 0x80
const FINAL = 0x80
const RESERVED = 0x40
const opcode = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10, unknown: 3 }

/** A client's frame (RFC 6455 §5.2) of up to 65,535 bytes, masked with zeros. */
function frame(first: number, payload: string | Buffer = '', mask = MASK): Buffer {
  const bytes = Buffer.from(payload)
  const length = bytes.length < 126 ? [mask | bytes.length] : [mask | 126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from([first, ...length, ...(mask ? [0, 0, 0, 0] : [])]), bytes])
}

type Frame = { opcode: number; payload: Buffer }

/** The frames of a server, which are not masked, as far as they are complete. */
function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 127
    const [size, from] = short < 126 ? [short, at + 2] : [bytes.readUInt16BE(at + 2), at + 4]
    if (from + size > bytes.length) break
    frames.push({ opcode: (bytes[at] ?? 0) & 15, payload: bytes.subarray(from, from + size) })
    at = from + size
  }
  return frames
}

/** A TCP connection whose other end has been greeted with `head`. */
async function greet(port: number, head: string) {
  const socket: Socket = connect(port, '127.0.0.1')
  let heard = Buffer.alloc(0)
  let [isOver, wake] = [false, () => undefined as unknown]
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    heard = Buffer.concat([heard, bytes])
    wake()
  })
  socket.on('close', () => {
    isOver = true
    wake()
  })
  socket.write(head)
  async function until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (isOver) throw new Error(`the connection ended after ${heard.toString('latin1')}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const bodyAt = await until(() => {
    const at = heard.indexOf(END)
    return at === -1 ? undefined : at + END.length
  })
  return {
    status: Number(heard.toString('latin1').split(' ')[1]),
    head: heard.subarray(0, bodyAt).toString('latin1'),
    write: (bytes: Buffer) => socket.write(bytes),
    /** The next frame of this kind that comes. */
    next: (kind: number) => until(() => framesIn(heard.subarray(bodyAt)).find((one) => one.opcode === kind)),
    end: () => socket.destroy(),
  }
}

/** RFC 6455, byte by byte. */
export function framesSuite(start: Start): void {
  let relay: RelayAtUrl
  let port: number
  beforeAll(async () => {
    relay = await start({})
    port = Number(new URL(relay.http).port)
  })
  afterAll(() => relay.close())

  describe('the handshake', () => {
    test('proves that it was read', async () => {
      const { status, head, end } = await greet(port, handshake() + END)
      expect([status, head]).toEqual([
        101,
        expect.stringMatching(/sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i),
      ])
      end()
    })

    test.each([
      { says: 'another version', head: handshake(7), statuses: [400, 426] },
      { says: 'a key that is none', head: handshake().replace(/Key: .*/, 'Key: short'), statuses: [400] },
      { says: 'no key', head: handshake().replace(/Sec-WebSocket-Key: .*\r\n/, ''), statuses: [400] },
      { says: 'a head without end', head: `${handshake()}\r\nX: ${'x'.repeat(20_000)}`, statuses: [431] },
    ])('is refused with $says', async ({ head, statuses }) => {
      const answer = await greet(port, head + END)
      expect(statuses).toContain(answer.status)
      answer.end()
    })
  })

  const { continuation, text, close, ping, pong, unknown } = opcode

  test.each([
    { says: 'a frame that is not masked', sends: [frame(FINAL | text, '[]', 0)] },
    { says: 'a reserved bit', sends: [frame(FINAL | RESERVED | text, '[]')] },
    { says: 'an unknown opcode', sends: [frame(FINAL | unknown, '[]')] },
    { says: 'a control frame in pieces', sends: [frame(ping)] },
    { says: 'a control frame that is too long', sends: [frame(FINAL | ping, 'x'.repeat(126))] },
    { says: 'a continuation of nothing', sends: [frame(FINAL | continuation, '[]')] },
    { says: 'a message inside a message', sends: [frame(text, '['), frame(FINAL | text, '[]')] },
    { says: 'a close frame of one byte', sends: [frame(FINAL | close, 'x')] },
    { says: 'a close code that is not for the wire', sends: [frame(FINAL | close, Buffer.from([0x03, 0xed]))] },
    { says: 'text that is no UTF-8', sends: [frame(FINAL | text, Buffer.from([0xff]))], code: 1007 },
    {
      says: 'text whose pieces are no UTF-8',
      sends: [frame(text, Buffer.from([0xc3])), frame(FINAL | continuation, Buffer.from([0x28]))],
      code: 1007,
    },
  ])('$says ends the connection', async ({ sends, code = 1002 }) => {
    const client = await greet(port, handshake() + END)
    for (const bytes of sends) client.write(bytes)
    const { payload } = await client.next(close)
    expect(payload.readUInt16BE(0)).toBe(code)
    client.end()
  })

  test('a ping between two pieces is answered, and a character may be cut in two', async () => {
    const client = await greet(port, handshake() + END)
    const bytes = Buffer.from('["CLOSE",{"é":1}]')
    const cut = bytes.indexOf(0xa9)
    client.write(frame(text, bytes.subarray(0, cut)))
    client.write(frame(FINAL | ping, 'hello'))
    expect(String((await client.next(pong)).payload)).toBe('hello')
    client.write(frame(FINAL | continuation, bytes.subarray(cut)))
    client.write(frame(FINAL | close, Buffer.from([0x03, 0xe8])))
    expect((await client.next(close)).payload.readUInt16BE(0)).toBe(1000)
    client.end()
  })

  test('who sends pings and does not read the answers is cut off', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.write(handshake() + END)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(FINAL | ping, 'x'.repeat(125))))
    let sent = 0
    for (; sent < 400 && !socket.destroyed; sent++) await new Promise((resolve) => socket.write(pings, resolve))
    expect(sent).toBeLessThan(400)
    await ended
    expect((await (await relay.client()).ask('x', { limit: 0 })).end[0]).toBe('EOSE')
  })

  test('a message may come byte by byte, and its mask is taken off', async () => {
    const client = await greet(port, handshake() + END)
    const message = Buffer.from('["REQ","x",{"limit":0}]')
    const mask = Buffer.from([1, 2, 3, 4])
    const masked = message.map((byte, at) => byte ^ (mask[at % 4] ?? 0))
    for (const byte of [FINAL | text, MASK | message.length, ...mask, ...masked]) {
      client.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    const first = await client.next(text)
    expect(String(first.payload)).toMatch(/^\["AUTH"/)
    client.write(frame(FINAL | ping))
    await client.next(pong)
    client.end()
  })
}
