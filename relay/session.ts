import type { RelayMessage } from '#nips/message'
import type { Reader } from './read-rules.ts'
import type { Subscription } from './subscriptions.ts'

/** One client as the verbs see it. */
export type Session = {
  /** What this connection's keys have to sign (NIP-42); the same until it closes. */
  readonly challenge: string
  /** The keys that have signed in, several if a client wants that. */
  readonly keys: ReadonlySet<string>
  /** One more key has proved itself. */
  signIn(key: string): void
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
  /** Sends one message that is JSON already. */
  send(message: string): void
  /** Sends a stored event's text under a subscription id. */
  deliver(subscription: string, json: string): void
  /** Runs a scan of the store when it is its turn: a client has a few at once, and the others wait in their order. */
  inTurn<T>(task: () => Promise<T>): Promise<T>
  /** Resolves when the client has taken most of what was sent, or the connection is gone. */
  sent(): Promise<void>
  /** Ends the connection of a client that does not keep up. */
  cut(why: string): void
}
