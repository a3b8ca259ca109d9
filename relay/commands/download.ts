import { Fault } from '#nips/kit/fault'
import type { Command, Option } from './command.ts'
import { readFilters, withRange } from './filters.ts'
import { connectTo, type Said } from './remote.ts'

export const rangeOption: Option = {
  value: 'range',
  doc: 'START-END before now, as in 2M- or 1Y-3w, with s m h d w M Y for seconds to years',
}

export const downloadCommand: Command = {
  name: 'download',
  doc: 'writes what another relay has to standard output, one event on a line',
  takes: ['url'],
  options: { filter: { value: 'filter', doc: 'what to ask for, everything otherwise' }, range: rangeOption },
  async run(given, context) {
    const filters = withRange(readFilters(given.text('filter') ?? '{}'), given.text('range'), context.clock.now())
    const remote = await connectTo(given.words[0] ?? '', context)
    remote.say('REQ', '_', ...[filters.json].flat())
    for (let said = await remote.next(); said !== undefined; said = await remote.next()) {
      if (said[0] === 'EOSE') {
        remote.close()
        return 0
      }
      if (said[0] === 'EVENT') await context.print(`${JSON.stringify(said[2])}\n`)
      else note(said, context.say)
    }
    throw new Fault('unavailable', 'the relay ended the connection')
  },
}

function note(said: Said, say: (text: string) => void): void {
  if (said[0] === 'CLOSED') throw new Fault('unavailable', `the relay refused: ${String(said[2])}`)
  if (said[0] === 'NOTICE') say(`NOTICE: ${String(said[1])}`)
}
