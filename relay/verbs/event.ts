import { namedId } from './texts.ts'
import type { Verb } from './verb.ts'

/** NIP-01: publish. */
export const event: Verb<'EVENT'> = {
  nip: 1,
  run: async (message, session, { ingest }) => session.reply(await ingest(message.event, session)),
  refuse: (message, fault) => ['OK', namedId(message.event), false, fault.reason],
}
