import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import { Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { type WebSocket, WebSocketServer } from 'ws'
import { Fault } from '#nips/kit/fault'
import { createAnswer } from '../http/answer.ts'
import { createHall, type Guest, type Peer } from './hall.ts'
import { remoteOf } from './remote.ts'
import { type ServeDeps, type Served, waitForAccepted } from './server.ts'

/** Milliseconds for the head of a request and for all of it: nobody holds a connection by being slow. */
const HEADERS = 10_000
const REQUEST = 15_000
const MAX_HEADERS = 16_384

/** The relay on Node: `node:http` and `ws`. */
/** Little memory for each client: nothing is kept between messages, and short ones go as they are. */
const DEFLATE = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  threshold: 1024,
  concurrencyLimit: 4,
  zlibDeflateOptions: { level: 3, memLevel: 7 },
}

export async function serveNode(deps: ServeDeps): Promise<Served> {
  const { relay, host } = deps
  const hall = createHall(deps)
  const answer = createAnswer(deps)
  const remote = ({ headers, socket }: IncomingMessage): string =>
    remoteOf(textOf(headers[deps.realIpHeader.toLowerCase()]), socket.remoteAddress ?? '')
  const http = createServer(
    { headersTimeout: HEADERS, requestTimeout: REQUEST, maxHeaderSize: MAX_HEADERS, connectionsCheckingInterval: 2000 },
    getRequestListener((request, { incoming }) => answer(request, remote(incoming as IncomingMessage))),
  )
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: deps.compression === true && DEFLATE,
    maxPayload: relay.limits.maxMessageLength,
    maxFragments: 64,
    maxBufferedChunks: 4096,
  })
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal =
      pathOf(request) === '/' ? hall.refusal(remote(request)) : new Fault('not-found', 'The relay is at /.')
    if (refusal) refuse(stream, refusal)
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
      await hall.goodbye()
      http.closeAllConnections()
      await closed
    },
    async drain(most) {
      await waitForAccepted()
      // Unlike `http.close`, this keeps those who have connected and not asked yet.
      TcpServer.prototype.close.call(http)
      await hall.drain(most)
    },
  }
}

const listen = (http: Server, { host, port, reusePort = false }: ServeDeps): Promise<void> =>
  new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen({ port, host, reusePort }, () => {
      http.off('error', reject)
      resolve()
    })
  })

/** Answers a handshake that is not taken, and ends it. */
function refuse(stream: Duplex, { status, message }: Fault): void {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Type: text/plain']
  stream.end(`${lines.join('\r\n')}\r\nContent-Length: ${message.length + 1}\r\n\r\n${message}\n`)
}

function attach(socket: WebSocket, enter: (peer: Peer) => Guest, stream: Duplex): void {
  const guest = enter(peerOf(socket, stream, () => guest.drained()))
  socket.on('message', (message: Buffer, isBinary: boolean) => {
    if (isBinary) guest.binary()
    else guest.text(message.toString('utf8'))
  })
  socket.on('ping', () => guest.ping())
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
