import type { Clock } from '#nips/kit/clock'

type Timer = { at: number; act: () => void; every?: number }

/** Time in the test's hand: nothing happens until `advance`, and then everything that was due, in order. */
export class ManualClock implements Clock {
  #ms = 1_800_000_000_000
  readonly #timers = new Set<Timer>()

  now(): number {
    return Math.floor(this.#ms / 1000)
  }

  millis(): number {
    return this.#ms
  }

  sleep(ms: number, signal?: Parameters<Clock['sleep']>[1]): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = { at: this.#ms + ms, act: resolve }
      this.#timers.add(timer)
      signal?.addEventListener(
        'abort',
        () => {
          this.#timers.delete(timer)
          reject(signal.reason)
        },
        { once: true },
      )
    })
  }

  every(ms: number, action: () => void): () => void {
    const timer = { at: this.#ms + ms, act: action, every: ms }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves on by `ms`, and lets whatever waited for it run. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#ms = Math.max(this.#ms, next.at)
      if (next.every === undefined) this.#timers.delete(next)
      else next.at += next.every
      next.act()
      await settle()
    }
    this.#ms = end
    await settle()
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

/** Lets every promise that is ready run. */
export function settle(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage('')
  })
}
