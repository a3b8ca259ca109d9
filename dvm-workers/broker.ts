import type { z } from 'zod'
import { parseJson } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault, isFaultCode } from '#nips/kit/fault'
import { encodeHttpAuth, httpAuthHeader } from '#nips/nip98'
import { BROKER_SILENCE, type BrokerLine, brokerLine, type FeedLine, feedLine, type Ticket } from '#nips/ticket'
import type { ServiceKey } from './key.ts'

export type BrokerDeps = {
  url: string
  fetch: typeof fetch
  key: ServiceKey
  clock: Clock
  newId: () => string
}

/** The gateway broker as a worker calls it: two streams of JSON lines, each call signed (NIP-98). */
export class Broker {
  readonly #deps: BrokerDeps

  constructor(deps: BrokerDeps) {
    this.#deps = deps
  }

  /** One job from its ticket to its last line. Throws `unavailable` when the broker is away, or the fault it refused with. */
  job(ticket: Ticket, signal: AbortSignal): AsyncGenerator<BrokerLine> {
    return this.#lines('POST', '/v1/jobs', { schema: brokerLine, signal, body: JSON.stringify(ticket) })
  }

  /** Everything the broker knows, then every change, until the signal or the link ends it. */
  feed(signal: AbortSignal): AsyncGenerator<FeedLine> {
    return this.#lines('GET', '/v1/feed', { schema: feedLine, signal })
  }

  async *#lines<S extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    { schema, signal, body }: { schema: S; signal: AbortSignal; body?: string },
  ): AsyncGenerator<z.output<S>> {
    const silent = new AbortController()
    const watch = new SilenceWatch(this.#deps.clock, silent)
    try {
      const response = await this.#call(method, path, { body, signal: AbortSignal.any([signal, silent.signal]) })
      for await (const line of linesOf(response)) {
        watch.heard()
        const parsed = schema.safeParse(parseJson(line))
        if (parsed.success) yield parsed.data
      }
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown
      signal.throwIfAborted()
      throw new Fault('unavailable', 'the gateway broker does not answer', thrown)
    } finally {
      watch.stop()
    }
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    { body, signal }: { body: string | undefined; signal: AbortSignal },
  ): Promise<Response> {
    const { url, key, clock, newId } = this.#deps
    const bytes = new TextEncoder().encode(body ?? '')
    const token = key.sign(encodeHttpAuth({ method, url: `${url}${path}`, body: bytes }, clock.now(), newId()))
    const response = await this.#deps.fetch(`${url}${path}`, {
      method,
      signal,
      headers: { authorization: httpAuthHeader(token), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    if (!response.ok) throw await refusal(response)
    return response
  }
}

/** A broker beats; one that has said nothing for long counts as gone. */
class SilenceWatch {
  readonly #stop: () => void
  #heard: number

  constructor(clock: Clock, silent: AbortController) {
    this.#heard = clock.millis()
    this.#now = () => clock.millis()
    this.#stop = clock.every(BROKER_SILENCE / 3, () => {
      if (clock.millis() - this.#heard > BROKER_SILENCE)
        silent.abort(new Fault('unavailable', 'the gateway broker fell silent'))
    })
  }

  readonly #now: () => number

  heard(): void {
    this.#heard = this.#now()
  }

  stop(): void {
    this.#stop()
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  let rest = ''
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** The broker's envelope as the fault it stands for. */
async function refusal(response: Response): Promise<Fault> {
  const body = parseJson(await response.text()) as { error?: { code?: string; message?: string } } | undefined
  const { code = '', message = `HTTP ${response.status}` } = body?.error ?? {}
  const known = isFaultCode(code) && code !== 'unauthenticated'
  return new Fault(known ? code : 'unavailable', message)
}
