import { relayItself } from '../read-rules.ts'
import type { Command, Context } from './command.ts'
import { placesOf, rowsOf } from './events.ts'
import { type Filters, readFilters } from './filters.ts'

export const scanCommand: Command = {
  name: 'scan',
  doc: 'writes the events that match a filter to standard output, newest first',
  takes: ['filter'],
  options: {
    pause: { value: 'pause', doc: "taken for strfry's sake: a page of the answer is bounded anyway" },
    metrics: { doc: 'tells how many there were and how long it took' },
    count: { doc: 'writes how many there are instead' },
  },
  async run(given, context) {
    given.count('pause')
    const filters = readFilters(given.words[0] ?? '')
    const begun = context.clock.millis()
    const count = given.has('count') ? await countOf(filters, context) : await printAll(filters, context)
    if (given.has('count')) await context.print(`${count}\n`)
    if (given.has('metrics')) context.say(`scan: ${count} events in ${(context.clock.millis() - begun).toFixed(1)} ms`)
    return 0
  },
}

async function countOf({ parsed }: Filters, { store, clock }: Context): Promise<number> {
  let count = 0
  const selection = { filters: parsed, reader: relayItself, now: clock.now() }
  for await (const places of placesOf(store(), selection)) count += places.length
  return count
}

async function printAll({ parsed }: Filters, { store, clock, print, stop }: Context): Promise<number> {
  let count = 0
  for await (const rows of rowsOf(store(), { filters: parsed, reader: relayItself, now: clock.now() })) {
    if (rows.length > 0) await print(`${rows.map(({ json }) => json).join('\n')}\n`)
    count += rows.length
    if (stop.aborted) break
  }
  return count
}
