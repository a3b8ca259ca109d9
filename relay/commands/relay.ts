import { Fault } from '#nips/kit/fault'
import type { Command } from './command.ts'

/** The one command that is not an errand: `main.ts` runs it itself. */
export const relayCommand: Command = {
  name: 'relay',
  doc: 'runs the relay; what happens without any command',
  async run() {
    throw new Fault('internal', 'the relay is started elsewhere')
  },
}
