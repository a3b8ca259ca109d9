import { namedId } from './texts.ts'
import type { Verb } from './verb.ts'

/** NIP-01: publish. */
export const event: Verb<'EVENT'> = {
  nip: 1,
  async run(message, session, { ingest, rates }) {
    rates.event(session.remote)
    session.reply(await ingest(message.event, session))
  },
  refuse: (message, fault) => ['OK', namedId(message.event), false, fault.reason],
}
