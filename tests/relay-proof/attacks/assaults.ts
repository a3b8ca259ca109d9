import { connect as connectTcp, type Socket } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { WebSocket } from 'ws'
import { systemClock } from '#nips/kit/clock'
import type { Random } from '#relay/testing/random'
import { pen } from '../pen.ts'
import { forged } from '../worlds.ts'
import type { Assault } from './battle.ts'

const clock = systemClock()
const hex = (random: Random) => Array.from({ length: 64 }, () => random.whole(16).toString(16)).join('')

/** A client that says what it wants and counts what it hears. */
async function open(url: string, options: { pauses?: boolean } = {}) {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  let heard = 0
  let wake = () => undefined as unknown
  socket.on('message', () => {
    heard += 1
    wake()
  })
  socket.on('close', () => wake())
  socket.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('close', () => reject(new Error('refused')))
  })
  if (options.pauses) socket.pause()
  return {
    socket,
    say: (...message: unknown[]) => socket.send(JSON.stringify(message)),
    /** Resolves when so many messages came, or the connection is over. */
    async hear(count: number) {
      while (heard < count && socket.readyState === WebSocket.OPEN)
        await new Promise<void>((resolve) => {
          wake = () => resolve()
        })
    },
    leave: () => socket.terminate(),
  }
}

const openMany = (url: string, count: number, options = {}) =>
  Promise.all(Array.from({ length: count }, () => open(url, options)))

/** A handshake by hand, for frames that no library would send. */
async function openRaw(port: number, extensions = ''): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const key = Buffer.alloc(16, 7).toString('base64')
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${extensions}\r\n`,
  )
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}

/** A frame as a client sends it, with a mask of zeros. `length` may lie. */
function frame(first: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (length < 126) return Buffer.concat([head.subarray(0, 2), Buffer.alloc(4), payload])
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head.subarray(0, length < 65_536 ? 4 : 10), Buffer.alloc(4), payload])
}

const over = (socket: Socket): Promise<void> =>
  Promise.race([new Promise<void>((resolve) => socket.once('close', () => resolve())), clock.sleep(3000)]).then(
    () => void socket.destroy(),
  )

const TEXT = 0x81
const COMPRESSED = 0xc1

/** Every way to harm that we know, and how much of it is enough to see whether it does. */
export const assaults: Record<string, { size: number; soak: number; env?: Record<string, string>; run: Assault }> = {
  'a flood of garbage signatures': {
    size: 1500,
    soak: 100_000,
    async run({ url, random, size }) {
      const clients = await openMany(url, 4)
      const each = Math.ceil(size / 4)
      for (const { say } of clients)
        for (let at = 0; at < each; at++)
          say('EVENT', {
            ...forged({ pubkey: hex(random), created_at: clock.now() }),
            sig: `${hex(random)}${hex(random)}`,
          })
      await Promise.all(clients.map(({ hear }) => hear(each + 1)))
      for (const { leave } of clients) leave()
    },
  },
  'a flood of wildcard requests': {
    size: 400,
    soak: 20_000,
    async run({ url, size }) {
      const clients = await openMany(url, 10)
      for (const { say } of clients)
        for (let at = 0; at < size / 10; at++) {
          say('REQ', `all ${at % 20}`, {}, { limit: 500 }, { kinds: [1] })
          say('COUNT', `count ${at % 20}`, {})
        }
      await Promise.race([Promise.all(clients.map(({ hear }) => hear(size))), clock.sleep(10_000)])
      for (const { leave } of clients) leave()
    },
  },
  'twenty readers that stall': {
    size: 20,
    soak: 200,
    async run({ url, size, random }) {
      const author = pen(clock.now)
      const writer = await open(url)
      for (let at = 0; at < 300; at++) writer.say('EVENT', author.write({ content: hex(random).repeat(200) }))
      await writer.hear(300)
      const clients = await openMany(url, size, { pauses: true })
      for (const { say } of clients)
        for (let at = 0; at < 15; at++) say('REQ', `all ${at}`, { authors: [author.pubkey] })
      for (let at = 0; at < 200; at++) writer.say('EVENT', author.write({ content: hex(random).repeat(200) }))
      await writer.hear(500)
      for (const { leave } of [...clients, writer]) leave()
    },
  },
  'messages in tiny fragments': {
    size: 20_000,
    soak: 1_000_000,
    async run({ port, size }) {
      const socket = await openRaw(port)
      const part = frame(0x00, Buffer.from('x'))
      socket.write(frame(0x01, Buffer.from('x')))
      for (let at = 0; at < size && !socket.destroyed; at += 1000)
        if (!socket.write(Buffer.concat(Array.from({ length: 1000 }, () => part)))) await clock.sleep(5)
      await over(socket)
    },
  },
  'frames that are too large, or say so': {
    size: 30,
    soak: 2000,
    async run({ port, size }) {
      for (let at = 0; at < size; at++) {
        const socket = await openRaw(port)
        const length = [2 ** 21, 2 ** 32, 2 ** 53 - 1][at % 3] ?? 0
        socket.write(frame(TEXT, Buffer.alloc(at % 3 === 0 ? length : 65_536, 0x20), length))
        await over(socket)
      }
    },
  },
  'deep and strange JSON': {
    size: 300,
    soak: 50_000,
    async run({ url, size }) {
      const client = await open(url)
      const strange = [
        '['.repeat(60_000),
        `["REQ","x",${'{"a":'.repeat(20_000)}`,
        '["REQ","__proto__",{"__proto__":{"ids":[]}}]',
        '["REQ","constructor",{"constructor":1}]',
        '["REQ","__proto__",{}]',
        '["CLOSE","__proto__"]',
        '["__proto__","x",{}]',
        '["REQ","x",{"#__proto__":["x"]}]',
        `["REQ","x",{"ids":[${'"",'.repeat(20_000)}""]}]`,
        `["EVENT",{"id":${'9'.repeat(60_000)}}]`,
        `["AUTH",{"tags":[${'["x"],'.repeat(15_000)}["x"]]}]`,
        '["NEG-OPEN","__proto__",{},"61"]',
        '\u0000',
        '"\ud800"',
      ]
      for (let at = 0; at < size; at++) client.socket.send(strange[at % strange.length] ?? '')
      await Promise.race([client.hear(size), clock.sleep(3000)])
      client.leave()
    },
  },
  'compressed nothing that grows a thousandfold': {
    size: 4,
    soak: 200,
    env: { RELAY_COMPRESSION: '1' },
    async run({ port, size }) {
      const bomb = deflateRawSync(Buffer.alloc(64 * 2 ** 20, 0x20))
      for (let at = 0; at < size; at++) {
        const socket = await openRaw(port, 'Sec-WebSocket-Extensions: permessage-deflate\r\n')
        socket.write(frame(COMPRESSED, bomb))
        await over(socket)
      }
    },
  },
  'handshakes that are never finished': {
    size: 300,
    soak: 5000,
    async run({ port, size }) {
      const sockets = Array.from({ length: size }, () => connectTcp(port, '127.0.0.1'))
      for (const [at, socket] of sockets.entries()) {
        socket.on('error', () => undefined)
        socket.write(['', 'GET', 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n', '\x16\x03\x01'][at % 4] ?? '')
      }
      await clock.sleep(2000)
      for (const socket of sockets) socket.destroy()
    },
  },
  'events of fresh keys': {
    size: 300,
    soak: 10_000,
    async run({ url, size }) {
      const clients = await openMany(url, 4)
      for (let at = 0; at < size; at++) clients[at % 4]?.say('EVENT', pen(clock.now).write({ content: 'new here' }))
      await Promise.all(clients.map(({ hear }) => hear(Math.floor(size / 4) + 1)))
      for (const { leave } of clients) leave()
    },
  },
  'a flood of set reconciliations': {
    size: 200,
    soak: 20_000,
    async run({ url, size }) {
      const clients = await openMany(url, 4)
      for (const { say } of clients)
        for (let at = 0; at < size / 4; at++) say('NEG-OPEN', `all ${at % 50}`, {}, '6100000200')
      await Promise.race([Promise.all(clients.map(({ hear }) => hear(size / 4))), clock.sleep(5000)])
      for (const { leave } of clients) leave()
    },
  },
}
