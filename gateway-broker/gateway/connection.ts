import { WebSocket } from 'ws'
import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import type { Secret } from '#nips/kit/log'
import { connectParams, type Frame, frameShape } from './frames.ts'

/** Frames may be as large as the gateway's own limit. */
const MAX_FRAME = 26_214_400

export type GatewayEvent = { event: string; payload: unknown }

/** The broker's one lasting connection to a gateway, as its operator. */
export type Connection = {
  /** Calls a method; rejects with `unavailable` when the link breaks, `conflict` with the gateway's words when it refuses. */
  call(method: string, params: Record<string, unknown>): Promise<unknown>
  /** Hears every event until the returned function is called. */
  listen(listener: (event: GatewayEvent) => void): () => void
  /** Resolves with the reason once the link is gone. */
  readonly closed: Promise<string>
  close(): void
}

/** Connects through the sandbox's unix socket and waits for the gateway's hello. */
export function connectGateway(socketPath: string, token: Secret): Promise<Connection> {
  const socket = new WebSocket(`ws+unix://${socketPath}:/`, { perMessageDeflate: false, maxPayload: MAX_FRAME })
  const link = new GatewayLink(socket)
  return link.hello(token).then(
    () => link,
    (error) => {
      socket.terminate()
      throw error
    },
  )
}

type Waiting = { resolve: (payload: unknown) => void; reject: (fault: Fault) => void }

class GatewayLink implements Connection {
  readonly #socket: WebSocket
  readonly #waiting = new Map<string, Waiting>()
  readonly #listeners = new Set<(event: GatewayEvent) => void>()
  readonly closed: Promise<string>
  #calls = 0

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#receive(String(data)))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve(`${code} ${String(reason)}`.trim()))
      socket.on('error', (error) => resolve(error.message))
    })
    void this.closed.then((reason) => this.#break(reason))
  }

  hello(token: Secret): Promise<unknown> {
    return new Promise((resolve, reject) => {
      void this.closed.then((reason) =>
        reject(new Fault('unavailable', `the gateway closed the connection: ${reason}`)),
      )
      const stop = this.listen(({ event }) => {
        if (event !== 'connect.challenge') return
        stop()
        this.call('connect', connectParams(token.reveal())).then(resolve, reject)
      })
    })
  }

  call(method: string, params: Record<string, unknown>): Promise<unknown> {
    this.#calls += 1
    const id = String(this.#calls)
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN)
        return reject(new Fault('unavailable', 'the gateway is not connected'))
      this.#waiting.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ type: 'req', id, method, params }))
    })
  }

  listen(listener: (event: GatewayEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#socket.close()
  }

  #receive(text: string): void {
    const parsed = frameShape.safeParse(parseJson(text))
    if (!parsed.success) return
    const frame: Frame = parsed.data
    if (frame.type === 'res') this.#answer(frame)
    else for (const listener of this.#listeners) listener({ event: frame.event, payload: frame.payload })
  }

  #answer(frame: Extract<Frame, { type: 'res' }>): void {
    const waiting = this.#waiting.get(frame.id)
    this.#waiting.delete(frame.id)
    if (frame.ok) waiting?.resolve(frame.payload)
    else
      waiting?.reject(new Fault(frame.error?.retryable ? 'unavailable' : 'conflict', frame.error?.message ?? 'refused'))
  }

  #break(reason: string): void {
    for (const { reject } of this.#waiting.values())
      reject(new Fault('unavailable', `the gateway went away: ${reason}`))
    this.#waiting.clear()
  }
}
