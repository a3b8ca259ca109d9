import type { NostrEvent } from '#nips/keys'
import type { Author } from '../support/author.ts'

/** What the matrix asks relays with. */
export type Filter = { kinds: number[]; '#t'?: string[]; '#p'?: string[]; limit?: number }

/** A client library, unmodified, behind what all of them can do. */
export type Library = {
  readonly name: string
  /** What its user has to add so that a cut costs no event; absent where the library sees to it by itself. */
  readonly help?: string
  /** Connects, ready to sign in as `user` when the relay asks for it. */
  open(url: string, user: Author): Promise<OpenLibrary>
}

export type OpenLibrary = {
  /** Publishes an event that is signed already; whether the relay has taken it. */
  publish(event: NostrEvent): Promise<boolean>
  /** The ids of stored events. */
  query(filter: Filter): Promise<string[]>
  /** Hears of stored and new events from now on; resolves when the subscription is on its way. */
  listen(filter: Filter, onEvent: (id: string) => void): Promise<void>
  close(): Promise<void> | void
}
