import { Fault } from '#nips/kit/fault'
import type { Entry, PutResult, Store } from './store/store.ts'

export type Writer = {
  /** Resolves after the commit that holds the event; rejects with `unavailable` when it could not be written. */
  put(entry: Entry): Promise<PutResult>
  /** Resolves when nothing waits to be written. */
  idle(): Promise<void>
}

export type WriterDeps = {
  store: Store
  /** Runs a task soon, behind the network input that is ready now: so long a batch gathers. */
  defer: (task: () => void) => void
  /** Told of each stored event, in the order of their numbers, after its commit and before its `put` resolves. */
  onStored: (entry: Entry, seq: number) => void
}

type Waiting = { entry: Entry; resolve: (result: PutResult) => void; reject: (fault: Fault) => void }

/** Most events of one transaction. */
const BATCH = 1000

/** The only writer. All events that come in while one transaction is written share the next one (group commit). */
export function createWriter({ store, defer, onStored }: WriterDeps): Writer {
  let queue: Waiting[] = []
  let running = false
  let done: Promise<void> = Promise.resolve()

  /** A batch that cannot be written is tried event by event, so that one does not take the others with it. */
  async function commit(batch: readonly Waiting[]): Promise<void> {
    const results = await attempt(batch)
    if (!(results instanceof Fault)) return settleAll(batch, results)
    if (batch.length === 1) return batch[0]?.reject(results)
    for (const waiting of batch) await commit([waiting])
  }

  const attempt = (batch: readonly Waiting[]): Promise<PutResult[] | Fault> =>
    store
      .put(batch.map(({ entry }) => entry))
      .catch((error: unknown) => new Fault('unavailable', 'the event could not be stored', error))

  function settleAll(batch: readonly Waiting[], results: readonly PutResult[]): void {
    for (const [index, { entry, resolve, reject }] of batch.entries()) {
      const result = results[index]
      if (result?.outcome === 'stored') onStored(entry, result.seq)
      if (result) resolve(result)
      else reject(new Fault('internal', 'the store gave no answer'))
    }
  }

  async function drain(): Promise<void> {
    await new Promise<void>(defer)
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH)
      queue = queue.slice(BATCH)
      await commit(batch)
    }
    running = false
  }

  return {
    put(entry) {
      const result = new Promise<PutResult>((resolve, reject) => {
        queue.push({ entry, resolve, reject })
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
