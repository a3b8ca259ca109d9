import type { Socket } from '#nips/relay-socket'

type Listener = (message: { data: unknown }) => void

/** A relay's end of a socket in memory: the test says what the relay says, and sees what it was told. */
class ScriptedSocket implements Socket {
  readonly sent: unknown[][] = []
  readonly #listeners: { name: string; listener: Listener }[] = []
  #state: 'connecting' | 'open' | 'closed' = 'connecting'

  addEventListener(name: string, listener: Listener): void {
    this.#listeners.push({ name, listener })
  }

  /** Real sockets throw before they are open, and swallow what comes after their end. */
  send(text: string): void {
    if (this.#state === 'connecting') throw new Error('InvalidStateError: still connecting')
    if (this.#state === 'open') this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.cut()
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** The relay takes the connection. */
  accept(): void {
    this.#state = 'open'
    this.#emit('open')
  }

  /** The relay says a message, or a raw frame. */
  say(...message: unknown[]): void {
    this.raw(JSON.stringify(message))
  }

  raw(data: unknown): void {
    this.#emit('message', { data })
  }

  /** The connection ends; `error` comes first, as in browsers. */
  cut(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#emit('error')
    this.#emit('close')
  }

  /** What was said with this verb, without the verb. */
  said(verb: string): unknown[][] {
    return this.sent.filter(([first]) => first === verb).map(([, ...rest]) => rest)
  }

  #emit(name: string, message: { data: unknown } = { data: '' }): void {
    for (const entry of [...this.#listeners]) if (entry.name === name) entry.listener(message)
  }
}

export type ScriptedRelay = {
  dial(url: string): ScriptedSocket
  /** Every connection that was tried, the last one last. */
  readonly sockets: ScriptedSocket[]
  readonly urls: string[]
  readonly last: ScriptedSocket
}

export function scriptedRelay(): ScriptedRelay {
  const sockets: ScriptedSocket[] = []
  const urls: string[] = []
  return {
    sockets,
    urls,
    dial(url) {
      const socket = new ScriptedSocket()
      sockets.push(socket)
      urls.push(url)
      return socket
    },
    get last() {
      const socket = sockets.at(-1)
      if (socket === undefined) throw new Error('nobody has connected')
      return socket
    },
  }
}
