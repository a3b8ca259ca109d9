import type { Verb } from './verb.ts'

/** NIP-01: end a subscription. There is no answer. */
export const close: Verb<'CLOSE'> = {
  nip: 1,
  run: (message, session) => session.subscriptions.get(message.subscription)?.close(),
  refuse: (_message, fault) => ['NOTICE', `ERROR: ${fault.message}`],
}
