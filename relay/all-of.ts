import type { Filter } from '#nips/filter'
import { relayItself } from './read-rules.ts'
import type { Position, Row, Store } from './store/store.ts'

/** Every stored event that a filter matches, newest first, whoever may read it. Reads a page when it is reached. */
export async function* allOf(store: Store, filter: Filter, now: number): AsyncGenerator<Row> {
  let after: Position | undefined
  do {
    const page = await store.read({
      filter: { ...filter, limit: Number.MAX_SAFE_INTEGER },
      reader: relayItself,
      upTo: Number.MAX_SAFE_INTEGER,
      now,
      ...(after === undefined ? {} : { after }),
    })
    yield* page.rows
    after = page.next
  } while (after !== undefined)
}
