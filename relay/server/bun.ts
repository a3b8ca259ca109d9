import { Fault } from '#nips/kit/fault'
import { createAnswer } from '../http/answer.ts'
import { type BunOptions, type BunServer, type BunWebSocket, bun } from './bun-api.ts'
import { createHall, type Guest, type Peer } from './hall.ts'
import { remoteOf } from './remote.ts'
import { type ServeDeps, type Served, waitForAccepted } from './server.ts'

/** Seconds a request may take to arrive: nobody holds a connection by being slow. */
const REQUEST = 10

/** Characters from which a message is worth compressing, where that is on. */
const LONG = 1024

type Visitor = { remote: string; guest: Guest | undefined }

/** The relay on Bun, whose own server writes everything one tick has for a client at once. */
export async function serveBun(deps: ServeDeps): Promise<Served> {
  const { relay, host, port } = deps
  const hall = createHall(deps)
  const answer = createAnswer(deps)
  const { compression = false, reusePort = false } = deps

  function visit(request: Request, server: BunServer<Visitor>): Promise<Response> | Response | undefined {
    const named = deps.realIpHeader === '' ? null : request.headers.get(deps.realIpHeader)
    const remote = remoteOf(named, server.requestIP(request)?.address ?? '')
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return answer(request, remote)
    const { pathname } = new URL(request.url)
    const refusal = pathname === '/' ? hall.refusal(remote) : new Fault('not-found', 'The relay is at /.')
    if (refusal) return new Response(`${refusal.message}\n`, { status: refusal.status })
    if (server.upgrade(request, { data: { remote, guest: undefined } })) return undefined
    return new Response('This is no WebSocket handshake.\n', { status: 400 })
  }

  const server = listen({
    hostname: host,
    port,
    reusePort,
    idleTimeout: REQUEST,
    maxRequestBodySize: relay.limits.maxMessageLength,
    fetch: visit,
    websocket: {
      open(socket) {
        socket.data.guest = hall.enter(new BunPeer(socket, compression), socket.data.remote)
      },
      message({ data }, message) {
        if (typeof message === 'string') data.guest?.text(message)
        else data.guest?.binary()
      },
      drain: ({ data }) => data.guest?.drained(),
      ping: ({ data }) => data.guest?.ping(),
      pong: ({ data }) => data.guest?.pong(),
      close: ({ data }, code) => data.guest?.gone(code),
      maxPayloadLength: relay.limits.maxMessageLength,
      backpressureLimit: 0,
      idleTimeout: 0,
      sendPings: false,
      perMessageDeflate: compression,
    },
  })
  return {
    host,
    port: server.port,
    async close() {
      const stopped = server.stop()
      await hall.goodbye()
      await Promise.race([stopped, server.stop(true)])
    },
    async drain(most) {
      await waitForAccepted()
      void server.stop()
      await hall.drain(most)
    },
  }
}

/** Bun's refusals are named as Node's are, but do not say which port they mean. */
function listen(options: BunOptions<Visitor>): BunServer<Visitor> {
  try {
    return bun().serve(options)
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { port: options.port }) : error
  }
}

class BunPeer implements Peer {
  readonly #socket: BunWebSocket<Visitor>
  readonly #compression: boolean

  constructor(socket: BunWebSocket<Visitor>, compression: boolean) {
    this.#socket = socket
    this.#compression = compression
  }

  send(messages: readonly string[]): void {
    this.#socket.cork(() => {
      for (const message of messages) this.#socket.sendText(message, this.#compression && message.length > LONG)
    })
  }

  waiting(): number {
    return this.#socket.getBufferedAmount()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  ping(): void {
    this.#socket.ping()
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  destroy(): void {
    this.#socket.terminate()
  }
}
