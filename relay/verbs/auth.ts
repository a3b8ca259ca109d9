import { SignedEvent } from '#nips/event'
import { Fault } from '#nips/kit/fault'
import { requireRelayAuth } from '#nips/nip42'
import { namedId } from './texts.ts'
import type { Verb } from './verb.ts'

/** NIP-42: one more key signs in on this connection. */
export const auth: Verb<'AUTH'> = {
  nip: 42,
  async run(message, session, { clock, hosts, limits, rates, signed }) {
    rates.event(session.remote)
    const { event } = await SignedEvent.opening(message.event, signed)
    requireRelayAuth(event, { challenge: session.challenge, hosts: hosts(), now: clock.now() })
    if (session.keys.size >= limits.maxKeys && !session.keys.has(event.pubkey))
      throw new Fault('rate-limited', 'too many keys on one connection')
    session.signIn(event.pubkey)
    session.reply(['OK', event.id, true, ''])
  },
  refuse: (message, fault) => [
    'OK',
    namedId(message.event),
    false,
    fault.code === 'invalid' ? `error: ${fault.message}` : fault.reason,
  ],
}
