import type { RelayMessage } from '#nips/message'
import type { Reader } from './read-rules.ts'
import type { Subscription } from './subscriptions.ts'

/** One client as the verbs see it. */
export type Session = {
  /** What this connection's keys have to sign (NIP-42); the same until it closes. */
  readonly challenge: string
  /** The keys that have signed in, several if a client wants that. */
  readonly keys: Set<string>
  /** The client's IP address, as far as the server can tell. */
  readonly remote: string
  /** Who this client is when it reads, asked at the moment it does. */
  reader(): Reader
  readonly subscriptions: Map<string, Subscription>
  /**
   * Sends one message. A CLOSED also ends the subscription it names, and whatever says `auth-required`
   * comes right behind the challenge, as NIP-42 wants it.
   */
  reply(message: RelayMessage): void
  /** Sends a stored event's text under a subscription id. */
  deliver(subscription: string, json: string): void
  /** Resolves when all that was sent has left for the network, or the connection is gone. */
  sent(): Promise<void>
  /** Ends the connection of a client that does not keep up. */
  cut(why: string): void
}
