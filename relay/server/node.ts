import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { type WebSocket, WebSocketServer } from 'ws'
import { createAnswer } from '../http/answer.ts'
import { createHall, type Guest, type Peer } from './hall.ts'
import { remoteOf } from './remote.ts'
import type { ServeDeps, Served } from './serve.ts'

/** Milliseconds for the head of a request and for all of it: nobody holds a connection by being slow. */
const HEADERS = 10_000
const REQUEST = 15_000
const MAX_HEADERS = 16_384

/** The relay on Node: `node:http` and `ws`. */
export async function serveNode(deps: ServeDeps): Promise<Served> {
  const { relay, log, host } = deps
  const hall = createHall(deps)
  const answer = createAnswer(relay, log)
  const remote = ({ headers, socket }: IncomingMessage): string =>
    remoteOf(textOf(headers[deps.realIpHeader.toLowerCase()]), socket.remoteAddress ?? '')
  const http = createServer(
    { headersTimeout: HEADERS, requestTimeout: REQUEST, maxHeaderSize: MAX_HEADERS, connectionsCheckingInterval: 2000 },
    getRequestListener((request, { incoming }) => answer(request, remote(incoming as IncomingMessage))),
  )
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: relay.limits.maxMessageLength,
    maxFragments: 64,
    maxBufferedChunks: 4096,
  })
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (relay.refuses(remote(request))) stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    else if (pathOf(request) !== '/') stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    else
      sockets.handleUpgrade(request, stream, head, (socket) => {
        attach(socket, (peer) => hall.enter(peer, remote(request)), stream)
      })
  })
  await listen(http, deps)
  const address = http.address()
  return {
    host,
    port: typeof address === 'object' && address ? address.port : deps.port,
    async close() {
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeIdleConnections()
      await hall.goodbye()
      http.closeAllConnections()
      await closed
    },
  }
}

const listen = (http: Server, { host, port }: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => {
      http.off('error', reject)
      resolve()
    })
  })

function attach(socket: WebSocket, enter: (peer: Peer) => Guest, stream: Duplex): void {
  const guest = enter(peerOf(socket, stream, () => guest.drained()))
  socket.on('message', (message: Buffer, isBinary: boolean) => {
    if (isBinary) guest.binary()
    else guest.text(message.toString('utf8'))
  })
  socket.on('pong', () => guest.pong())
  // What went wrong is in the code it closes with.
  socket.on('error', () => undefined)
  socket.on('close', (code) => guest.gone(code))
}

const peerOf = (socket: WebSocket, stream: Duplex, onSent: () => void): Peer => ({
  send(messages) {
    const last = messages.length - 1
    stream.cork()
    for (const [index, message] of messages.entries()) socket.send(message, index === last ? onSent : undefined)
    stream.uncork()
  },
  waiting: () => socket.bufferedAmount,
  pause: () => socket.pause(),
  resume: () => socket.resume(),
  ping: () => socket.ping(),
  close: (code, reason) => socket.close(code, reason),
  destroy: () => socket.terminate(),
})

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?')[0] ?? '/'
const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header
