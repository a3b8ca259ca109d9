import type { NostrEvent } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { readSettings } from '#nips/kit/settings'
import { encodeRelayAuth } from '#nips/nip42'
import type { Connection } from '#relay/connection'
import { limitsOf } from '#relay/limits'
import { PAUSE } from '#relay/outbox'
import { createRelay, type Relay } from '#relay/relay'
import { settings } from '#relay/settings'
import type { Store } from '#relay/store/store'
import { testClock } from '#relay/testing/clock'
import { NOW, person } from '#relay/testing/events'
import { inlineVerifier } from '#relay/verify/verifier'
import { forged } from './worlds.ts'

const url = 'ws://relay.example'
const challenge = 'the challenge'

/** The relay itself; a key for each would be most of the work. */
const self = person()

type InHand = { store: Store; env?: Record<string, string>; defer?: (task: () => void) => void }

/** A relay without a network that believes every signature: what is under test is everything behind it. */
export function relayInHand({ store, env = {}, defer = setImmediate }: InHand): Relay {
  const limits = limitsOf(readSettings(settings, env))
  return createRelay({
    store,
    clock: testClock(),
    limits: () => limits,
    about: { name: '', version: '', self: self.pubkey },
    hosts: () => ['relay.example'],
    newChallenge: () => challenge,
    defer,
    // A client that is told at once knows which of two requests of one name an answer is for.
    sendAt: (task) => task(),
    verifier: inlineVerifier('believes', () => true),
    sign: self.sign,
    admins: [],
    log: silentLog,
  })
}

/** How a key signs in with a relay in hand. */
export const signIn = (pubkey: string): NostrEvent => forged({ pubkey, ...encodeRelayAuth(url, challenge, NOW) })

export type Told = (text: string, onSent: () => void) => void

/** A client of a relay in hand: `told` gets every text as it is sent; until it was taken, stored answers wait. */
export function clientOf(relay: Relay, told: Told) {
  let untaken = 0
  const onSent = () => {
    untaken -= 1
    if (untaken === 0) opened?.drained()
  }
  let opened: Connection | undefined
  const connection = relay.connect(
    {
      send(texts) {
        untaken += texts.length
        for (const text of texts) told(text, onSent)
      },
      waiting: () => (untaken === 0 ? 0 : PAUSE + 1),
      pause: () => undefined,
      resume: () => undefined,
      destroy: () => undefined,
    },
    '127.0.0.1',
  )
  opened = connection
  return {
    say: (...message: unknown[]): Promise<void> => connection.receive(JSON.stringify(message)),
    gone: connection.gone,
  }
}
