import { Fault } from '#nips/kit/fault'
import type { Judging, Verdict } from '../policies/policy.ts'
import type { Plugin, Source } from './plugin.ts'

/** A refusal in the plugin's own words, which OK carries as they are. */
class Refused extends Fault {
  override get reason(): string {
    return this.message
  }
}

/** The plugin as the policies ask it. What is refused with a message is logged without the event's text. */
export const judgeBy =
  (plugin: Pick<Plugin, 'ask'>): NonNullable<Judging['plugin']> =>
  async (event, from): Promise<Verdict> => {
    const { action, msg } = await plugin.ask(event, sourceOf(from, event.pubkey))
    if (action === 'shadowReject') return 'shadow'
    return action === 'reject' ? new Refused('conflict', msg) : undefined
  }

/** strfry tells one key; where several have signed in it is the author's, else the first. */
function sourceOf({ remote, reader }: Pick<Judging, 'remote' | 'reader'>, author: string): Source {
  const info = remote.replace(/^::ffff:(?=\d+\.)/i, '')
  const [first] = reader.keys
  return { type: info.includes(':') ? 'IP6' : 'IP4', info, authed: reader.keys.has(author) ? author : first }
}
