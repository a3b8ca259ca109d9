import { parseJson } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Context } from './command.ts'

/** What another relay says, as it came. */
export type Said = readonly [verb: string, ...rest: unknown[]]

/** A connection to another relay, for one errand. */
export type Remote = {
  say(...message: unknown[]): void
  /** Sends a text that is JSON already. */
  send(text: string): void
  /** The next message; `undefined` when the connection has ended. Rejects after `quiet` milliseconds without one. */
  next(quiet?: number): Promise<Said | undefined>
  close(): void
}

/** Milliseconds until a connection that does not come is given up. */
const DIAL = 20_000

/** Connects. Rejects with `unavailable` where that is not possible. */
export async function connectTo(
  url: string,
  { dial, clock, stop }: Pick<Context, 'dial' | 'clock' | 'stop'>,
): Promise<Remote> {
  const socket = dialled(url, dial)
  const heard: Said[] = []
  let isOpen = false
  let isOver = false
  let wake: () => void = () => undefined

  function end(): void {
    isOver = true
    wake()
  }
  socket.addEventListener('open', () => {
    isOpen = true
    wake()
  })
  socket.addEventListener('message', ({ data }) => {
    const message = typeof data === 'string' ? parseJson(data) : undefined
    if (Array.isArray(message) && typeof message[0] === 'string') heard.push(message as unknown as Said)
    wake()
  })
  socket.addEventListener('close', end)
  socket.addEventListener('error', end)
  stop.addEventListener('abort', () => socket.close(), { once: true })

  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
    })

  await until(() => isOpen || isOver, { changed, clock, ms: DIAL, late: `${url} does not answer` })
  if (!isOpen) throw new Fault('unavailable', `${url} cannot be reached`)
  return {
    say: (...message) => socket.send(JSON.stringify(message)),
    send: (text) => socket.send(text),
    async next(quiet) {
      const ready = () => heard.length > 0 || isOver
      await until(ready, { changed, clock, ms: quiet, late: `no activity for ${(quiet ?? 0) / 1000} seconds` })
      return heard.shift()
    },
    close: () => socket.close(),
  }
}

function dialled(url: string, dial: Context['dial']) {
  try {
    return dial(url)
  } catch (error) {
    throw new Fault('invalid', `${url} is no address of a relay`, error)
  }
}

type Waiting = { changed: () => Promise<void>; clock: Clock; ms: number | undefined; late: string }

async function until(ready: () => boolean, { changed, clock, ms, late }: Waiting): Promise<void> {
  if (ready()) return
  const calm = new AbortController()
  const over =
    ms === undefined
      ? new Promise<never>(() => undefined)
      : clock.sleep(ms, calm.signal).then(
          () => Promise.reject(new Fault('timed-out', late)),
          () => undefined,
        )
  try {
    while (!ready()) await Promise.race([changed(), over])
  } finally {
    calm.abort()
  }
}
