import type { Filter } from '#nips/filter'
import type { Reader } from '../read-rules.ts'
import type { Position } from '../store/store.ts'
import type { Engine } from '../verbs/verb.ts'
import { createGathering, type Records } from './records.ts'

export type Wanted = {
  readonly filter: Filter
  readonly reader: Reader
  /** More than this are too many. */
  readonly most: number
  /** Asked after each page, where others have had a turn. */
  readonly isWanted: () => boolean
}

/** The events that match, as they are now; `undefined` when they are too many or no longer wanted. */
export async function gather(
  { filter, reader, most, isWanted }: Wanted,
  { store, clock, breathe }: Pick<Engine, 'store' | 'clock' | 'breathe'>,
): Promise<Records | undefined> {
  const gathering = createGathering()
  const [upTo, now] = [store.newest(), clock.now()]
  const wanted = Math.min(filter.limit ?? most + 1, most + 1)
  let after: Position | undefined
  do {
    const limit = wanted - gathering.size
    const page = await store.places({ filter: { ...filter, limit }, reader, upTo, now, ...(after ? { after } : {}) })
    gathering.add(page.places)
    after = gathering.size < wanted ? page.next : undefined
    await breathe()
    if (!isWanted()) return undefined
  } while (after)
  return gathering.size > most ? undefined : inTurns(gathering.seal(), breathe)
}

/** Runs something that yields, letting others have a turn wherever it does. */
export async function inTurns<T>(steps: Generator<void, T>, breathe: () => Promise<void>, stride = 1): Promise<T> {
  for (let count = 1; ; count++) {
    const step = steps.next()
    if (step.done) return step.value
    if (count % stride === 0) await breathe()
  }
}
