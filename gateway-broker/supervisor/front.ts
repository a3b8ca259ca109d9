import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'

/** Where the parts listen; asked for every request, because a part that crashed comes back. */
export type Behind = { relay: () => number | undefined; broker: () => number | undefined }

/**
 * The one origin: a WebSocket, and NIP-11 at `/`, go to the relay; everything else goes to the broker.
 * Bytes pass as they are, and who is not there is named.
 */
export function createFront(behind: Behind): Server {
  const server = createServer((incoming, outgoing) => {
    const toRelay = isRelayInfo(incoming)
    const name = toRelay ? 'relay' : 'broker'
    forward(incoming, outgoing, { name, port: behind[name]() })
  })
  server.on('upgrade', (incoming, socket, head) => tunnel(incoming, socket as Socket, { head, port: behind.relay() }))
  return server
}

/** NIP-11: the relay describes itself to whoever asks `/` for it. */
function isRelayInfo({ url, headers }: IncomingMessage): boolean {
  if (url !== '/') return false
  const asksFor = headers.accept ?? ''
  const preflight = headers['access-control-request-headers'] ?? ''
  return asksFor.includes('application/nostr+json') || /accept/i.test(preflight)
}

/** What belongs to one connection and not to the message. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

type Target = { name: string; port: number | undefined }

function forward(incoming: IncomingMessage, outgoing: ServerResponse, { name, port }: Target): void {
  if (port === undefined) {
    refuse(outgoing, name)
    return
  }
  const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([key]) => !hopByHop.has(key)))
  const address = incoming.socket.remoteAddress ?? ''
  const options = {
    port,
    host: '127.0.0.1',
    method: incoming.method,
    path: incoming.url,
    headers: { ...headers, 'x-real-ip': address },
  }
  const call = request(options, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
    answer.on('error', () => outgoing.destroy())
  })
  call.on('error', () => (outgoing.headersSent ? outgoing.destroy() : refuse(outgoing, name)))
  outgoing.on('close', () => call.destroy())
  incoming.pipe(call)
}

function refuse(outgoing: ServerResponse, name: string): void {
  const error = {
    code: 'unavailable',
    message: `the ${name} is not running at the moment`,
    hint: 'It is started again by itself. Try again in a moment.',
    retryable: true,
  }
  outgoing.writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '1' })
  outgoing.end(JSON.stringify({ ok: false, error }))
}

/** Hands a WebSocket to the relay as it came, with the caller's address added. */
function tunnel(
  incoming: IncomingMessage,
  client: Socket,
  { head, port }: { head: Buffer; port: number | undefined },
): void {
  client.on('error', () => client.destroy())
  if (port === undefined) {
    client.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    return
  }
  const relay = connect(port, '127.0.0.1', () => {
    relay.write(headOf(incoming))
    relay.write(head)
    relay.pipe(client).pipe(relay)
  })
  relay.setNoDelay(true)
  client.setNoDelay(true)
  relay.on('error', () => client.destroy())
  relay.on('close', () => client.destroy())
  client.on('close', () => relay.destroy())
}

function headOf({ method, url, httpVersion, rawHeaders, socket }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() !== 'x-real-ip') lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
  return `${[...lines, `x-real-ip: ${socket.remoteAddress ?? ''}`].join('\r\n')}\r\n\r\n`
}
