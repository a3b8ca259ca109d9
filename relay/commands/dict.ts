import { Fault } from '#nips/kit/fault'
import type { Command } from './command.ts'

export const dictCommand: Command = {
  name: 'dict',
  doc: 'not there: events are stored as they are, without dictionaries',
  takes: ['[stats|train|compress|decompress]', '[argument]'],
  options: { filter: { value: 'filter', doc: 'not there' } },
  async run() {
    throw new Fault('invalid', 'there are no compression dictionaries here: events are stored as they are')
  },
}
