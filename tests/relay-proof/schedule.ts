import type { Random } from '#relay/testing/random'

/** Time in the test's hand: what is put off waits here, and a seed decides what comes next. */
export type Schedule = {
  /** Puts a task off. */
  readonly later: (task: () => void) => void
  /** Resolves at some moment. */
  turn(): Promise<void>
  /** Runs one of the tasks that wait and everything that follows from it at once; `false` when none waits. */
  step(): Promise<boolean>
}

export function createSchedule(random: Random): Schedule {
  const waiting: (() => void)[] = []
  const later = (task: () => void) => void waiting.push(task)
  return {
    later,
    turn: () => new Promise(later),
    async step() {
      const [task] = waiting.splice(random.whole(waiting.length), 1)
      task?.()
      await new Promise<void>((resolve) => setImmediate(resolve))
      return task !== undefined || waiting.length > 0
    },
  }
}
