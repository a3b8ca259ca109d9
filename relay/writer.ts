import { Fault } from '#nips/kit/fault'
import { createBatch } from './batch.ts'
import type { Entry, PutResult, Store } from './store/store.ts'

export type Writer = {
  /** Resolves after the commit that holds the event; rejects with `unavailable` when it could not be written. */
  put(entry: Entry): Promise<PutResult>
  /** Resolves when nothing waits to be written. */
  idle(): Promise<void>
}

export type WriterDeps = {
  store: Store
  defer: (task: () => void) => void
  /** Told of each stored event, in the order of their numbers, after its commit and before its `put` resolves. */
  onStored: (entry: Entry, seq: number) => void
}

/** Most events of one transaction. */
const BATCH = 1000

/** The only writer. All events that come in while one transaction is written share the next one (group commit). */
export function createWriter({ store, defer, onStored }: WriterDeps): Writer {
  /**
   * A batch that cannot be written is tried event by event, so that one does not take the others with it; unless the
   * store says that it is not about the events.
   */
  async function commit(entries: readonly Entry[]): Promise<readonly (PutResult | Fault)[]> {
    try {
      return announce(entries, await store.put(entries))
    } catch (error) {
      if (entries.length === 1 || isTrouble(error))
        return entries.map(() => new Fault('unavailable', 'the event could not be stored', error))
      const outcomes: (PutResult | Fault)[] = []
      for (const entry of entries) outcomes.push(...(await commit([entry])))
      return outcomes
    }
  }

  function announce(entries: readonly Entry[], results: readonly PutResult[]): readonly PutResult[] {
    for (const [index, entry] of entries.entries()) {
      const result = results[index]
      if (result?.outcome === 'stored') onStored(entry, result.seq)
    }
    return results
  }

  const batch = createBatch({ most: BATCH, defer, run: commit })
  return { put: batch.add, idle: batch.idle }
}

const isTrouble = (error: unknown): boolean => error instanceof Fault && error.code === 'unavailable'
