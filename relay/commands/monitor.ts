import { matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { createLiveIndex } from '../live-index.ts'
import type { Store } from '../store/store.ts'
import type { Command } from './command.ts'
import { type Filters, filtersOf } from './filters.ts'
import { linesOf } from './lines.ts'

/** A subscription as a line names it: connection and name. */
type Live = { readonly name: string; readonly filters: Filters; stamp: number }

/** Events taken from the database at once. */
const TOGETHER = 500

/** Runs all stored events through the index of live subscriptions, to compare it with `scan`. */
export const monitorCommand: Command = {
  name: 'monitor',
  doc: 'reads ["sub",<connection>,<name>,<filter>], ["removeSub",…], ["closeConn",…] and ["interest",…] and writes the events that would go out live to the one of interest',
  async run(_given, { store, input, print }) {
    const board = createBoard()
    for await (const lines of linesOf(input)) for (const line of lines) board.take(parseJson(line))
    for await (const event of arrivalsOf(store()))
      if (board.isOfInterest(event)) await print(`${JSON.stringify(event)}\n`)
    return 0
  },
}

function createBoard() {
  const index = createLiveIndex<Live>()
  const live = new Map<string, Live>()
  let interest = ''

  function remove(name: string): void {
    const one = live.get(name)
    if (one) index.remove(one.filters.parsed, one)
    live.delete(name)
  }

  const verbs: Record<string, (connection: unknown, name: unknown, filter: unknown) => void> = {
    sub(connection, name, filter) {
      const one = { name: `${connection} ${name}`, filters: filtersOf(filter as Filters['json']), stamp: -1 }
      remove(one.name)
      live.set(one.name, one)
      index.add(one.filters.parsed, one)
    },
    removeSub: (connection, name) => remove(`${connection} ${name}`),
    closeConn(connection) {
      for (const name of [...live.keys()]) if (name.startsWith(`${connection} `)) remove(name)
    },
    interest(connection, name) {
      interest = `${connection} ${name}`
    },
  }

  return {
    take(line: unknown): void {
      const [verb, connection, name, filter] = Array.isArray(line) ? line : []
      const run = Object.hasOwn(verbs, String(verb)) ? verbs[String(verb)] : undefined
      if (!run) throw new Fault('invalid', `unknown line: ${JSON.stringify(line)?.slice(0, 80)}`)
      run(connection, name, filter)
    },
    isOfInterest(event: NostrEvent): boolean {
      let found = false
      index.visit(event, ({ name, filters }) => {
        if (name === interest) found = filters.parsed.some((filter) => matches(filter, event))
      })
      return found
    },
  }
}

async function* arrivalsOf(store: Store): AsyncGenerator<NostrEvent> {
  let after = 0
  for (let rows = await store.arrivals(after, TOGETHER); rows.length > 0; rows = await store.arrivals(after, TOGETHER))
    for (const { seq, json } of rows) {
      after = seq
      yield JSON.parse(json) as NostrEvent
    }
}
