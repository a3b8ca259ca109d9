import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '#nips/kit/clock'
import type { Fault } from '#nips/kit/fault'
import type { Log, Secret } from '#nips/kit/log'
import type { ModelAccess } from './instances/start.ts'
import type { Provider } from './models/provider.ts'
import { createModelProxy } from './models/proxy.ts'

export type ModelAccessDeps = {
  provider: Provider
  clock: Clock
  log: Log
  firstByteSeconds: number
  stallSeconds: number
}

/** A model proxy of its own for every start of a gateway: one token, and what it refused and spent through it. */
export const modelAccess =
  (deps: ModelAccessDeps) =>
  (instance: string, token: Secret): ModelAccess => {
    const spent = { inputTokens: 0, outputTokens: 0 }
    let last: { fault: Fault; at: number } | undefined
    const proxy = createModelProxy({
      ...deps,
      provider: () => deps.provider,
      instanceOf: (given) => (equal(given, token.reveal()) ? instance : undefined),
      onUsage: ({ inputTokens, outputTokens }) => {
        spent.inputTokens += inputTokens
        spent.outputTokens += outputTokens
      },
      onFault: (_instance, fault) => {
        last = { fault, at: deps.clock.millis() }
      },
    })
    return {
      model: deps.provider.model,
      fetch: (request) => proxy.fetch(request),
      faultSince: (millis) => (last !== undefined && last.at >= millis ? last.fault : undefined),
      spent: () => ({ ...spent }),
    }
  }

/** Compares without telling by its time how much was right. */
function equal(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}
