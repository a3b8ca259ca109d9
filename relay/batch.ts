import { Fault } from '#nips/kit/fault'

/** Work that is cheaper together: everything that comes in while one batch runs is the next one. */
export type Batch<Item, Result> = {
  /** Resolves with this item's result, in the order the items were added; rejects with the Fault that stands for it. */
  add(item: Item): Promise<Result>
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

export type BatchDeps<Item, Result> = {
  /** Most items of one batch. */
  most: number
  /** Runs a task soon, behind the network input that is ready now: so long the first batch gathers. */
  defer: (task: () => void) => void
  /** One outcome for each item, in their order. What it throws stands for all of them. */
  run: (items: readonly Item[]) => Promise<readonly (Result | Fault)[]>
}

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (fault: unknown) => void }

export function createBatch<Item, Result>({ most, defer, run }: BatchDeps<Item, Result>): Batch<Item, Result> {
  let queue: Waiting<Item, Result>[] = []
  let running = false
  let done: Promise<void> = Promise.resolve()

  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await run(batch.map(({ item }) => item))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index] ?? new Fault('internal', 'no outcome')
        if (outcome instanceof Fault) reject(outcome)
        else resolve(outcome)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async function drain(): Promise<void> {
    await new Promise<void>(defer)
    while (queue.length > 0) {
      const batch = queue.slice(0, most)
      queue = queue.slice(most)
      await settle(batch)
    }
    running = false
  }

  return {
    add(item) {
      const result = new Promise<Result>((resolve, reject) => {
        queue.push({ item, resolve, reject })
      })
      if (!running) {
        running = true
        done = drain()
      }
      return result
    },
    idle: () => done,
  }
}
