import { migrations } from '../store/migrations.ts'
import type { Command } from './command.ts'

export const infoCommand: Command = {
  name: 'info',
  doc: 'writes the version of the database',
  async run(_given, { store, print }) {
    store()
    await print(`DB version: ${migrations.length}\n`)
    return 0
  },
}
