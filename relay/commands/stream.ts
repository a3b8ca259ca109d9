import { Fault } from '#nips/kit/fault'
import type { Command } from './command.ts'
import { filtersOf } from './filters.ts'
import { stopped, streamsFor } from './router.ts'

export const streamCommand: Command = {
  name: 'stream',
  doc: 'streams all events from or to one relay; router does the same for several',
  takes: ['url'],
  options: { dir: { value: 'dir', doc: 'down, up, or both (down)' } },
  async run(given, context) {
    const dir = given.text('dir') ?? 'down'
    if (dir !== 'up' && dir !== 'down' && dir !== 'both')
      throw new Fault('invalid', `invalid direction: ${dir}. Should be one of up/down/both`)
    const url = given.words[0] ?? ''
    const streams = await streamsFor(context, () => true)
    const plugins = { pluginDown: context.writePolicy(), pluginUp: '' }
    streams.configure([{ name: 'stream', dir, urls: [url], filters: filtersOf({}), ...plugins }])
    await stopped(context)
    streams.close()
    return 0
  },
}
