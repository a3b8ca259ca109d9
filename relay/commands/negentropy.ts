import { Fault } from '#nips/kit/fault'
import type { Command } from './command.ts'
import { readFilters } from './filters.ts'

const words: ReadonlySet<string> = new Set(['list', 'add', 'build'])

/** strfry keeps a tree for each filter that is often synced. Here any filter is answered from the index. */
export const negentropyCommand: Command = {
  name: 'negentropy',
  doc: 'does nothing, so that scripts go on: any filter can be synced without a tree prepared for it',
  takes: ['list|add|build', '[filter|treeId]'],
  async run({ words: [word = '', what] }, { say }) {
    if (!words.has(word)) throw new Fault('invalid', 'usage: negentropy list|add <filter>|build <treeId>')
    if ((what === undefined) !== (word === 'list'))
      throw new Fault('invalid', `usage: negentropy ${word} takes ${word === 'list' ? 'nothing' : 'one word'}`)
    if (word === 'add') readFilters(what ?? '')
    say('No trees are kept and none is needed: every filter is synced from the index.')
    return 0
  },
}
