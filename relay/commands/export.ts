import { Fault } from '#nips/kit/fault'
import { relayItself } from '../read-rules.ts'
import type { Command } from './command.ts'
import { newestFirst, oldestFirst } from './events.ts'

/** Writes out everything, private events too: whoever may read the file may read them. */
export const exportCommand: Command = {
  name: 'export',
  doc: 'writes all events to standard output, one on a line, oldest first',
  options: {
    since: { value: 'since', doc: 'not those dated before, in seconds' },
    until: { value: 'until', doc: 'not those dated after, in seconds' },
    reverse: { doc: 'newest first' },
    fried: { doc: 'not there' },
  },
  async run(given, { store, clock, print, stop }) {
    if (given.has('fried'))
      throw new Fault('invalid', "there are no fried exports: what strfry prepares is strfry's own")
    const [since, until] = [given.count('since'), given.count('until')]
    const filter = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
    const walk = given.has('reverse') ? newestFirst : oldestFirst
    for await (const rows of walk(store(), { filter, reader: relayItself, now: clock.now() })) {
      if (rows.length > 0) await print(`${rows.map(({ json }) => json).join('\n')}\n`)
      if (stop.aborted) break
    }
    return 0
  },
}
