import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'

export type WatchDeps = {
  clock: Clock
  /** Seconds a model may take until it sends anything. */
  firstByteSeconds: number
  /** Seconds a model may be silent in the middle of an answer. */
  stallSeconds: number
  /** What the model is called. */
  label: string
  /** Whether the caller may still be answered. */
  isWelcome: () => boolean
  /** Called with the reason when the request has to end. */
  stop: (fault: Fault) => void
}

/** Looks at the clock, while a model is waited for, and at the caller's token, until `end` is called. */
export function createWatch(deps: WatchDeps) {
  const { clock, firstByteSeconds, stallSeconds, label } = deps
  const started = clock.millis()
  let since: number | undefined
  let first: number | undefined
  const look = (): void => {
    const limit = first === undefined ? firstByteSeconds : stallSeconds
    if (!deps.isWelcome()) deps.stop(new Fault('unauthenticated', 'the token was revoked'))
    else if (since !== undefined && clock.millis() - since > limit * 1000)
      deps.stop(new Fault('model-timeout', `${label} sent nothing for ${limit} s.`))
  }
  /** Often enough for the shortest limit, and to cut off a revoked token within a second. */
  const often = Math.min(250, Math.max(5, Math.min(firstByteSeconds, stallSeconds) * 100))
  return {
    wait(): void {
      since = clock.millis()
    },
    got(): void {
      since = undefined
      first ??= Math.round(clock.millis() - started)
    },
    /** Milliseconds until the model sent anything. */
    firstAfter: () => first,
    end: clock.every(often, look),
  }
}
