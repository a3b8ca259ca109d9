import { Fault } from '#nips/kit/fault'
import { relayItself } from '../read-rules.ts'
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
    const ids: string[] = []
    const selection = { filters: filters.parsed, reader: relayItself, now: 0 }
    for await (const places of placesOf(store(), selection)) ids.push(...places.map(({ id }) => id))
    if (given.has('dry-run')) {
      say(`Would delete ${ids.length} events`)
      return 0
    }
    say(`Deleting ${ids.length} events`)
    for (let at = 0; at < ids.length && !stop.aborted; at += TOGETHER) await store().erase(ids.slice(at, at + TOGETHER))
    return 0
  },
}

function agedBy(json: ReturnType<typeof filtersOf>['json'], age: number | undefined, now: number) {
  if (age === undefined) return filtersOf(json)
  if (Array.isArray(json)) throw new Fault('invalid', '--age needs one filter')
  if ('until' in json) throw new Fault('invalid', "--age is not compatible with filter containing 'until'")
  return filtersOf({ ...json, until: Math.max(0, now - age) })
}
