import type { Clock } from '#nips/kit/clock'

export type ChoresDeps = {
  clock: Pick<Clock, 'millis' | 'sleep'>
  /** Does some of what can wait, and says whether there is more. */
  work: () => boolean
}

export type Chores = {
  /** Says that there was something else to do, and that there may be more to do now. */
  busy(): void
  stop(): void
}

/** Milliseconds without anything else to do after which chores are done. */
const REST = 50
/** Chores take this share of the time at most: one part in so many. */
const SHARE = 4
/** Rests after which chores have their turn although there is always something else. */
const PATIENCE = 20

/** Does what can wait when there is time for it, and a little of it when there never is. */
export function startChores({ clock, work }: ChoresDeps): Chores {
  const stopped = new AbortController()
  let isBusy = true
  let isAwake = false

  async function run(): Promise<void> {
    let pause = REST
    for (let waited = 0; await slept(pause); waited += 1) {
      const isTurn = !isBusy || waited >= PATIENCE
      isBusy = false
      pause = REST
      if (!isTurn) continue
      waited = 0
      const from = clock.millis()
      if (!tryWork()) break
      pause = SHARE * (clock.millis() - from)
    }
    isAwake = false
  }

  /** What cannot be done now (a full disk) waits until there was something else to do. */
  function tryWork(): boolean {
    try {
      return work()
    } catch {
      return false
    }
  }

  const slept = (ms: number): Promise<boolean> =>
    clock.sleep(ms, stopped.signal).then(
      () => true,
      () => false,
    )

  function busy(): void {
    isBusy = true
    if (isAwake) return
    isAwake = true
    void run()
  }

  busy()
  return { busy, stop: () => stopped.abort() }
}
