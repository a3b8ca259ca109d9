import { WebSocket } from 'ws'
import type { NostrEvent } from '#nips/keys'
import { encodeRelayAuth } from '#nips/nip42'
import type { Person } from './events.ts'

/** What a relay has said, as it came. */
export type Said = readonly [verb: string, ...rest: unknown[]]

/** A client without any library between it and the wire. */
export type Client = {
  readonly socket: WebSocket
  /** Everything the relay has said so far. */
  readonly heard: readonly Said[]
  /** The close code, once the connection has ended. */
  readonly ended: Promise<number>
  raw(frame: string): void
  say(...message: unknown[]): void
  /** The first message from now on, or not yet taken by an earlier call, that fits. */
  next(fits: (said: Said) => boolean): Promise<Said>
  /** Publishes, and gives what OK said. */
  publish(event: NostrEvent): Promise<[accepted: boolean, reason: string]>
  /** Subscribes, and gives the ids of the stored events and how the answer ended. */
  ask(subscription: string, ...filters: object[]): Promise<{ ids: string[]; end: Said }>
  /** The ids that came under a subscription so far; all that the relay had sent before this call is in it. */
  got(subscription: string): Promise<string[]>
  signIn(person: Person, fields?: { relay?: string; challenge?: string }): Promise<[accepted: boolean, reason: string]>
}

export const is =
  (verb: string, first?: string) =>
  (said: Said): boolean =>
    said[0] === verb && (first === undefined || said[1] === first)

const idsOf = (heard: readonly Said[], subscription: string): string[] =>
  heard.filter(is('EVENT', subscription)).map((said) => (said[2] as NostrEvent).id)

type Inbox = Pick<Client, 'heard' | 'ended' | 'next'>

/** Collects what comes, and lets a test wait for it. */
function createInbox(socket: WebSocket): Inbox {
  const heard: Said[] = []
  const taken = new Set<Said>()
  let waiting: (() => void)[] = []
  let isOver = false

  function wake(): void {
    const ready = waiting
    waiting = []
    for (const resolve of ready) resolve()
  }

  socket.on('message', (text) => {
    heard.push(JSON.parse(String(text)) as Said)
    wake()
  })
  const ended = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      isOver = true
      wake()
      resolve(code)
    })
  })

  return {
    heard,
    ended,
    async next(fits) {
      for (;;) {
        const found = heard.find((said) => !taken.has(said) && fits(said))
        if (found) {
          taken.add(found)
          return found
        }
        if (isOver) throw new Error(`the connection ended; heard ${JSON.stringify(heard.slice(-5))}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}

export async function connect(url: string): Promise<Client> {
  const socket = new WebSocket(url)
  socket.on('error', () => undefined)
  const inbox = createInbox(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return { socket, ...inbox, ...createVerbs(url, socket, inbox) }
}

function createVerbs(url: string, socket: WebSocket, { heard, next }: Inbox): Omit<Client, 'socket' | keyof Inbox> {
  const say = (...message: unknown[]) => socket.send(JSON.stringify(message))
  const okFor = async (id: string): Promise<[boolean, string]> => {
    const [, , accepted, reason] = await next(is('OK', id))
    return [accepted as boolean, reason as string]
  }
  let probes = 0

  return {
    raw: (frame) => socket.send(frame),
    say,
    publish(event) {
      say('EVENT', event)
      return okFor(event.id)
    },
    async ask(subscription, ...filters) {
      const from = heard.length
      say('REQ', subscription, ...filters)
      const end = await next((said) => is('EOSE', subscription)(said) || is('CLOSED', subscription)(said))
      return { ids: idsOf(heard.slice(from), subscription), end }
    },
    async got(subscription) {
      probes += 1
      const probe = `probe ${probes}`
      say('REQ', probe, { limit: 0, ids: ['0'.repeat(64)] })
      await next(is('EOSE', probe))
      say('CLOSE', probe)
      return idsOf(heard, subscription)
    },
    async signIn(person, { relay = url, challenge } = {}) {
      const sent = challenge ?? String(heard.find(is('AUTH'))?.[1] ?? (await next(is('AUTH')))[1])
      const event = person.sign(encodeRelayAuth(relay, sent, person.sign({}).created_at))
      say('AUTH', event)
      return okFor(event.id)
    },
  }
}
