import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { isModelFault, toModelFault } from './fault.ts'
import { type JsonObject, type Provider, tokensIn, type Wire } from './provider.ts'
import { createTally, type Tally, type Tokens } from './tally.ts'
import { createWatch } from './watch.ts'

export type Usage = Tokens & { instance: string; model: string }

export type ExchangeDeps = {
  clock: Clock
  log: Log
  /** Tokens of one request that got anything from the model, also when it failed or was stopped later. */
  onUsage: (usage: Usage) => void
  /** Why a model failed a request of this instance; at most once per request. */
  onFault: (instance: string, fault: Fault) => void
  /** Seconds a model may take until it sends anything. */
  firstByteSeconds: number
  /** Seconds a model may be silent in the middle of an answer. */
  stallSeconds: number
}

export type Asked = {
  instance: string
  provider: Provider
  wire: Wire
  body: JsonObject
  /** Characters of the request as it came. */
  characters: number
  /** Whether the caller may still be answered; asked again and again while the model works. */
  isWelcome: () => boolean
}

/** One request to a model, from its start to its one end. */
export type Exchange = {
  /** The next chunk or event; `undefined` after a complete answer. Throws the Fault that ended the exchange. */
  next(): Promise<JsonObject | undefined>
  /** The whole answer at once. Throws as `next` does. */
  whole(): Promise<JsonObject>
  /** Ends it because nobody listens any more: the model is stopped, and no fault is recorded. */
  leave(): void
}

/**
 * Watches over one request: a model that is silent for too long is stopped (`model-timeout`), so is one whose caller lost its
 * token; what ended the exchange is logged, counted and reported exactly once, and the provider is always let go.
 */
export function createExchange(asked: Asked, deps: ExchangeDeps): Exchange {
  const { provider, wire, body } = asked
  const tally = createTally(wire, provider.label)
  const controller = new AbortController()
  const call = { wire, body, signal: controller.signal }
  const stopped = whenAborted(controller.signal)
  const { isWelcome } = asked
  const watch = createWatch({ ...deps, label: provider.label, isWelcome, stop: (fault) => controller.abort(fault) })
  const settle = createSettle(asked, deps, tally)
  let events: AsyncIterator<JsonObject> | undefined

  const end = (fault?: Fault): void => {
    watch.end()
    settle(fault, watch.firstAfter())
    if (!controller.signal.aborted) controller.abort(fault ?? left())
  }
  const fail = (thrown: unknown): Fault => {
    const fault = toModelFault(controller.signal.aborted ? controller.signal.reason : thrown, provider.label)
    end(fault)
    return fault
  }
  const waited = async <T>(step: Promise<T>): Promise<T> => {
    watch.wait()
    const result = await Promise.race([step, stopped])
    watch.got()
    return result
  }
  const passed = (event: JsonObject): JsonObject => {
    tally.see(event)
    return event
  }

  return {
    async next() {
      try {
        events ??= provider.stream(call)[Symbol.asyncIterator]()
        const step = await waited(events.next())
        if (!step.done) return passed(step.value)
        const fault = tally.lacking()
        if (fault) throw fault
      } catch (thrown) {
        throw fail(thrown)
      }
      end()
      return undefined
    },
    async whole() {
      try {
        const answer = await waited(provider.complete(call))
        tally.seeWhole(answer)
        const fault = tally.lacking()
        if (fault) throw fault
        end()
        return answer
      } catch (thrown) {
        throw fail(thrown)
      }
    },
    leave: () => end(left()),
  }
}

const left = (): Fault => new Fault('cancelled', 'the caller left')

/** Rejects when the signal aborts; a promise that stays pending otherwise, and that nobody has to handle. */
function whenAborted(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  promise.catch(() => undefined)
  return promise
}

/** Tells log, meter and fault book about the end; only the first call counts. */
function createSettle(asked: Asked, deps: ExchangeDeps, tally: Tally) {
  const { instance, provider, wire } = asked
  const started = deps.clock.millis()
  let settled = false
  return (fault: Fault | undefined, firstMs: number | undefined): void => {
    if (settled) return
    settled = true
    const tokens = countOf(asked, tally)
    const ms = Math.round(deps.clock.millis() - started)
    const outcome = fault?.code ?? 'done'
    deps.log('model.end', { instance, provider: provider.name, wire, ms, firstMs, ...tokens, outcome, error: fault })
    if (tokens) deps.onUsage({ instance, model: provider.model, ...tokens })
    if (fault && isModelFault(fault)) deps.onFault(instance, fault)
  }
}

/** The provider's count, else a rough one of what passed; `undefined` when nothing came from the model. */
function countOf(asked: Asked, tally: Tally): Tokens | undefined {
  const counted = tally.tokens()
  if (counted || tally.characters() === 0) return counted
  return { inputTokens: tokensIn(asked.characters), outputTokens: tokensIn(tally.characters()) }
}
