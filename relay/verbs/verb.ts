import type { Verify } from '#nips/keys'
import type { Clock } from '#nips/kit/clock'
import type { Fault } from '#nips/kit/fault'
import type { ClientMessage, RelayMessage } from '#nips/message'
import type { Ingest } from '../ingest.ts'
import type { Limits } from '../limits.ts'
import type { Session } from '../session.ts'
import type { Store } from '../store/store.ts'
import type { Subscriptions } from '../subscriptions.ts'

/** What a verb may use of the relay. */
export type Engine = {
  readonly clock: Pick<Clock, 'now'>
  readonly limits: Limits
  readonly verify: Verify
  readonly store: Store
  readonly ingest: Ingest
  readonly subscriptions: Subscriptions
  /** Host and port of every URL this relay is known by. */
  readonly hosts: () => readonly string[]
  /** Lets everybody else have a turn. */
  readonly breathe: () => Promise<void>
}

export type VerbName = ClientMessage['verb']

/** One thing a client can say. */
export type Verb<V extends VerbName = VerbName> = {
  /** The NIP it comes from; announced in NIP-11. */
  readonly nip: number
  run(message: Extract<ClientMessage, { verb: V }>, session: Session, engine: Engine): Promise<void> | void
  /** How the verb says that it failed. */
  refuse(message: Extract<ClientMessage, { verb: V }>, fault: Fault): RelayMessage
}
