/** Runs tasks, at most so many at once; the others wait in their order. */
export type Turns = <T>(task: () => Promise<T>) => Promise<T>

export function createTurns(most: number): Turns {
  let running = 0
  let waiting: (() => void)[] | undefined

  return async (task) => {
    if (running >= most)
      await new Promise<void>((resolve) => {
        waiting ??= []
        waiting.push(resolve)
      })
    else running += 1
    try {
      return await task()
    } finally {
      const next = waiting?.shift()
      if (next) next()
      else running -= 1
    }
  }
}
