import { Fault } from '#nips/kit/fault'
import type { Command } from './command.ts'

export const compactCommand: Command = {
  name: 'compact',
  doc: 'writes a copy of the database without gaps into a new file, or to standard output for "-"',
  takes: ['output'],
  async run({ words: [output = ''] }, { store, files, print }) {
    if (output !== '-') {
      if (files.exists(output)) throw new Fault('invalid', `${output} is there already`)
      await store().backup(output)
      return 0
    }
    const copy = `${files.database}.compact-${crypto.randomUUID()}`
    await store().backup(copy)
    for await (const bytes of files.drain(copy)) await print(bytes)
    return 0
  },
}
