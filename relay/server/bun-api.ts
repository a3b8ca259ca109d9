/** What is used of Bun (https://bun.com/reference/bun/serve); its types would change Node's for everybody. */
export type BunWebSocket<T> = {
  data: T
  sendText(text: string, compress?: boolean): number
  cork(write: () => void): void
  ping(): number
  close(code: number, reason: string): void
  /** Ends it without a word; what waits is dropped. */
  terminate(): void
  pause(): void
  resume(): void
  getBufferedAmount(): number
}

export type BunServer<T> = {
  readonly port: number
  upgrade(request: Request, options: { data: T }): boolean
  requestIP(request: Request): { address: string } | null
  /** Takes no new connections; resolves when all are closed, which `true` does at once. */
  stop(closeActiveConnections?: boolean): Promise<void>
}

export type BunOptions<T> = {
  hostname: string
  port: number
  reusePort?: boolean
  /** Seconds a request may take to arrive. */
  idleTimeout: number
  maxRequestBodySize: number
  fetch(request: Request, server: BunServer<T>): Response | undefined | Promise<Response | undefined>
  websocket: {
    open(socket: BunWebSocket<T>): void
    message(socket: BunWebSocket<T>, message: string | Uint8Array): void
    drain(socket: BunWebSocket<T>): void
    ping(socket: BunWebSocket<T>): void
    pong(socket: BunWebSocket<T>): void
    close(socket: BunWebSocket<T>, code: number): void
    maxPayloadLength: number
    /** Bytes that may wait before messages are dropped; 0: any number. */
    backpressureLimit: number
    /** Seconds without a message before a socket is closed; 0: never. */
    idleTimeout: number
    sendPings: boolean
    perMessageDeflate: boolean
  }
}

type Host = { Bun: { serve<T>(options: BunOptions<T>): BunServer<T> } }

export const bun = (): Host['Bun'] => (globalThis as unknown as Host).Bun
