import { type Accessor, createContext, createSignal, onCleanup, useContext } from 'solid-js'
import type { Clock } from '#nips/kit/clock'

/** Seconds since 1970, ticking, in the deployment's time. */
export type Time = { clock: Clock; now: Accessor<number> }

/** Ticks every second while the page lives; `ahead` is how far the deployment's clock is ahead of ours. */
export function createTime(clock: Clock, ahead: () => number): Time {
  const [tick, setTick] = createSignal(clock.now())
  onCleanup(clock.every(1000, () => setTick(clock.now())))
  return { clock, now: () => tick() + ahead() }
}

const TimeContext = createContext<Time>()
export const TimeProvider = TimeContext.Provider

export function useTime(): Time {
  const time = useContext(TimeContext)
  if (time === undefined) throw new Error('no time')
  return time
}
