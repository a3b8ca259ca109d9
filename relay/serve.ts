import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Relay } from './relay.ts'

export type ServeDeps = { relay: Relay; host: string; port: number; clock: Clock; log: Log; realIpHeader: string }

export type Served = {
  readonly host: string
  readonly port: number
  /** Takes no new clients, says goodbye to the others and resolves when they are gone, within `GOODBYE` at most. */
  close(): Promise<void>
}

/** Milliseconds between two pings; who has not answered by the next one is gone. */
const PING = 55_000
/** Milliseconds a client has to answer a goodbye. */
const GOODBYE = 2000
const GOING_AWAY = 1001
const UNSUPPORTED = 1003

/** Listens. The only file that knows the server; its errors (a port that is taken) are Node's own. */
export async function serve(deps: ServeDeps): Promise<Served> {
  const { relay, clock } = deps
  const http = createServer((request, response) => answer(request, response, relay))
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: relay.limits.maxMessageLength,
    maxFragments: 64,
    maxBufferedChunks: 4096,
  })
  const alive = new WeakSet<WebSocket>()
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (pathOf(request) !== '/') stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    else
      sockets.handleUpgrade(request, stream, head, (socket) => {
        alive.add(socket)
        socket.on('pong', () => alive.add(socket))
        attach(socket, remoteOf(request, deps.realIpHeader), deps)
      })
  })
  await listen(http, deps)
  const stopPinging = clock.every(PING, () => {
    for (const socket of sockets.clients) {
      if (alive.delete(socket)) socket.ping()
      else socket.terminate()
    }
  })
  const address = http.address()
  return {
    host: deps.host,
    port: typeof address === 'object' && address ? address.port : deps.port,
    async close() {
      stopPinging()
      const closed = new Promise((resolve) => http.close(resolve))
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the relay is going down')
      http.closeIdleConnections()
      const late = new AbortController()
      const goodbye = clock.sleep(GOODBYE, late.signal).then(
        () => {
          for (const socket of sockets.clients) socket.terminate()
          http.closeAllConnections()
        },
        () => undefined,
      )
      await closed
      late.abort()
      await goodbye
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

/** Joins one WebSocket and the relay. */
function attach(socket: WebSocket, remote: string, { relay, clock, log }: ServeDeps): void {
  const since = clock.millis()
  let messages = 0
  const connection = relay.connect(
    {
      send: (text, onSent) => socket.send(text, onSent),
      waiting: () => socket.bufferedAmount,
      destroy: () => socket.terminate(),
    },
    remote,
  )
  socket.on('message', (message: Buffer, isBinary: boolean) => {
    messages += 1
    if (isBinary) socket.close(UNSUPPORTED, 'text messages only')
    else void connection.receive(message.toString('utf8'))
  })
  socket.on('error', (error) => log('connection.error', { remote, cause: error }))
  socket.on('close', (code) => {
    connection.gone()
    log('connection.end', { remote, code, messages, ms: Math.round(clock.millis() - since) })
  })
}

function answer(request: IncomingMessage, response: ServerResponse, relay: Relay): void {
  const { status, type = 'text/plain; charset=utf-8', text } = pageFor(request, relay)
  response.writeHead(status, text === undefined ? cors : { ...cors, 'Content-Type': type })
  response.end(text)
}

type Answer = { status: number; text?: string; type?: string }

function pageFor(request: IncomingMessage, { info }: Relay): Answer {
  if (request.method === 'OPTIONS') return { status: 204 }
  if (pathOf(request) !== '/') return { status: 404, text: 'Not found. The relay is at /.\n' }
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, text: 'GET only.\n' }
  if (request.headers.accept?.includes('application/nostr+json'))
    return { status: 200, type: 'application/nostr+json', text: JSON.stringify(info) }
  return { status: 200, text: `${info.name}: a Nostr relay. Connect to this address with a Nostr client.\n` }
}

const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  Vary: 'Accept',
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?')[0] ?? '/'

/** The client's address: from the header of a proxy that the operator named, else from the connection. */
function remoteOf(request: IncomingMessage, header: string): string {
  const named = header === '' ? undefined : request.headers[header.toLowerCase()]
  const first = (Array.isArray(named) ? named[0] : named)?.split(',')[0]?.trim()
  return first || (request.socket.remoteAddress ?? '')
}
