import { WebSocket } from 'ws'
import type { NostrEvent } from '#nips/keys'
import type { Author } from './author.ts'
import type { Ledger } from './ledger.ts'

/** A client that publishes without end, some events at a time, and keeps the books. */
export type Writer = {
  /** Resolves when the connection is over. */
  readonly ended: Promise<void>
  /** Publishes nothing more; resolves when all is answered or the connection is over. */
  stop(): Promise<void>
  /** Refusals, as OK said them. */
  readonly refused: readonly string[]
}

type Writing = { url: string; author: Author; ledger: Ledger; window: number }

/** Rejects when there is no connection. */
export async function startWriter({ url, author, ledger, window }: Writing): Promise<Writer> {
  const socket = new WebSocket(url)
  const refused: string[] = []
  const waiting = new Set<string>()
  let stopping = false
  let answered = () => undefined as unknown
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))

  function publish(event: NostrEvent): void {
    ledger.sent.set(event.id, event)
    waiting.add(event.id)
    socket.send(JSON.stringify(['EVENT', event]))
  }

  socket.on('message', (text) => {
    const [verb, id, accepted, reason] = JSON.parse(String(text)) as [string, string, boolean, string]
    if (verb !== 'OK' || !waiting.delete(id)) return
    if (accepted) ledger.acknowledged.add(id)
    else refused.push(reason)
    if (!stopping) publish(author.next())
    else if (waiting.size === 0) answered()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.on('error', reject)
  })
  for (let open = 0; open < window; open++) publish(author.next())
  return {
    ended,
    refused,
    async stop() {
      stopping = true
      if (waiting.size > 0) await Promise.race([new Promise<void>((resolve) => (answered = () => resolve())), ended])
      socket.terminate()
      await ended
    },
  }
}
