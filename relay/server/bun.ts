import { createAnswer } from '../http/answer.ts'
import { type BunServer, type BunWebSocket, bun } from './bun-api.ts'
import { createHall, type Guest, type Peer } from './hall.ts'
import { remoteOf } from './remote.ts'
import type { ServeDeps, Served } from './serve.ts'

/** Seconds a request may take to arrive: nobody holds a connection by being slow. */
const REQUEST = 10

type Visitor = { remote: string; guest: Guest | undefined }

/** The relay on Bun, whose own server writes everything one tick has for a client at once. */
export async function serveBun(deps: ServeDeps): Promise<Served> {
  const { relay, host, port, log } = deps
  const hall = createHall(deps)
  const answer = createAnswer(relay, log)

  function visit(request: Request, server: BunServer<Visitor>): Promise<Response> | Response | undefined {
    const named = deps.realIpHeader === '' ? null : request.headers.get(deps.realIpHeader)
    const remote = remoteOf(named, server.requestIP(request)?.address ?? '')
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return answer(request, remote)
    if (relay.refuses(remote)) return new Response(null, { status: 403 })
    if (new URL(request.url).pathname !== '/') return new Response(null, { status: 404 })
    if (server.upgrade(request, { data: { remote, guest: undefined } })) return undefined
    return new Response('This is no WebSocket handshake.\n', { status: 400 })
  }

  const server = bun().serve<Visitor>({
    hostname: host,
    port,
    idleTimeout: REQUEST,
    maxRequestBodySize: relay.limits.maxMessageLength,
    fetch: visit,
    websocket: {
      open(socket) {
        socket.data.guest = hall.enter(peerOf(socket), socket.data.remote)
      },
      message({ data }, message) {
        if (typeof message === 'string') data.guest?.text(message)
        else data.guest?.binary()
      },
      drain: ({ data }) => data.guest?.drained(),
      pong: ({ data }) => data.guest?.pong(),
      close: ({ data }, code) => data.guest?.gone(code),
      maxPayloadLength: relay.limits.maxMessageLength,
      backpressureLimit: 0,
      idleTimeout: 0,
      sendPings: false,
      perMessageDeflate: false,
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
  }
}

const peerOf = (socket: BunWebSocket<Visitor>): Peer => ({
  send: (messages) =>
    socket.cork(() => {
      for (const message of messages) socket.sendText(message)
    }),
  waiting: () => socket.getBufferedAmount(),
  pause: () => socket.pause(),
  resume: () => socket.resume(),
  ping: () => void socket.ping(),
  close: (code, reason) => socket.close(code, reason),
  destroy: () => socket.terminate(),
})
