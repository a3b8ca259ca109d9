/** The messages that were taken and are not answered yet. */
export type Work = {
  /** Whether nothing more is taken. */
  readonly isOver: boolean
  /** One message, until its answer is given; it never rejects. */
  add(task: Promise<void>): void
  /** Takes nothing more; resolves when all is answered, and the answers are on their way. */
  end(): Promise<void>
}

export function createWork(): Work {
  let open = 0
  let isOver = false
  let settle: (() => void) | undefined

  return {
    get isOver() {
      return isOver
    },
    add(task) {
      open += 1
      void task.then(() => {
        open -= 1
        if (open === 0) settle?.()
      })
    },
    async end() {
      isOver = true
      const settled = new Promise<void>((resolve) => {
        settle = resolve
      })
      if (open > 0) await settled
      // Answers leave at the end of the tick.
      await new Promise<void>((resolve) => setImmediate(resolve))
    },
  }
}
