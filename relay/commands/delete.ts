import { Fault } from '#nips/kit/fault'
import { relayItself } from '../read-rules.ts'
import type { Position, Store } from '../store/store.ts'
import type { Command } from './command.ts'
import { placesOf } from './events.ts'
import { filtersOf, readFilters } from './filters.ts'

/** Events of one transaction. */
const TOGETHER = 500

export const deleteCommand: Command = {
  name: 'delete',
  doc: 'erases the events that match; nothing stops them from being published again',
  options: {
    age: { value: 'age', doc: 'those that are at least so many seconds old' },
    filter: { value: 'filter', doc: 'those that match' },
    'dry-run': { doc: 'only tells how many there are' },
  },
  async run(given, { store, clock, say, stop }) {
    const [age, text] = [given.count('age'), given.text('filter')]
    if (age === undefined && text === undefined) throw new Fault('invalid', 'must specify --age and/or --filter')
    const filters = agedBy(readFilters(text ?? '{}').json, age, clock.now())
    const selection = { filters: filters.parsed, reader: relayItself, now: 0 }
    let count = 0
    for await (const places of placesOf(store(), selection)) count += places.length
    if (given.has('dry-run')) {
      say(`Would delete ${count} events`)
      return 0
    }
    say(`Deleting ${count} events`)
    for await (const places of placesOf(store(), selection)) {
      await eraseAll(store(), places)
      if (stop.aborted) break
    }
    return 0
  },
}

async function eraseAll(store: Store, places: readonly Position[]): Promise<void> {
  for (let at = 0; at < places.length; at += TOGETHER)
    await store.erase(places.slice(at, at + TOGETHER).map(({ id }) => id))
}

function agedBy(json: ReturnType<typeof filtersOf>['json'], age: number | undefined, now: number) {
  if (age === undefined) return filtersOf(json)
  if (Array.isArray(json)) throw new Fault('invalid', '--age needs one filter')
  if ('until' in json) throw new Fault('invalid', "--age is not compatible with filter containing 'until'")
  return filtersOf({ ...json, until: Math.max(0, now - age) })
}
