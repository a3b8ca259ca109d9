/** Time as the rest of the code sees it: `now` in whole seconds (Nostr's unit), `millis` for durations. */
export type Clock = {
  /** Seconds since 1970. */
  now(): number
  /** Milliseconds that only ever go forward. */
  millis(): number
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `action` every `ms` until the returned function is called. */
  every(ms: number, action: () => void): () => void
}

/** What a host offers; browsers, Node and Bun all do, and `nips/` names none of them. */
type Host = {
  Date: { now(): number }
  performance: { now(): number }
  setTimeout(action: () => void, ms: number): unknown
  clearTimeout(timer: never): void
  setInterval(action: () => void, ms: number): unknown
  clearInterval(timer: never): void
}
type AbortSignal = {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(name: 'abort', listener: () => void, options: { once: true }): void
  removeEventListener(name: 'abort', listener: () => void): void
}

/** The real clock of the host it runs on. */
export function systemClock(host: Host = globalThis as never): Clock {
  return {
    now: () => Math.floor(host.Date.now() / 1000),
    millis: () => host.performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          host.clearTimeout(timer as never)
          reject(signal?.reason)
        }
        const timer = host.setTimeout(() => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }, ms)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    every: (ms, action) => {
      const timer = host.setInterval(action, ms)
      return () => host.clearInterval(timer as never)
    },
  }
}
