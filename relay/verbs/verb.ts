import type { Clock } from '#nips/kit/clock'
import type { Fault } from '#nips/kit/fault'
import type { ClientMessage, RelayMessage } from '#nips/message'
import type { Ingest } from '../ingest.ts'
import type { Limits } from '../limits.ts'
import type { Membership } from '../management/membership.ts'
import type { Metrics } from '../metrics.ts'
import type { Reconciliations } from '../negentropy/reconciliations.ts'
import type { Rates } from '../rates/rates.ts'
import type { Reader } from '../read-rules.ts'
import type { Session } from '../session.ts'
import type { Store } from '../store/store.ts'
import type { Subscriptions } from '../subscriptions.ts'
import type { Claim } from '../verify/verifier.ts'

/** What a verb may use of the relay. */
export type Engine = {
  readonly clock: Pick<Clock, 'now'>
  /** As they are now: ask when it matters, a setting may change while the relay runs. */
  readonly limits: Limits
  readonly metrics: Metrics
  /** Whether a signature is right. */
  readonly signed: (claim: Claim) => Promise<boolean>
  /** Who belongs to a relay that is not for everybody. */
  readonly members: Pick<Membership, 'invitesFor'>
  /** Who somebody with these keys is to the read rule; stays true while keys come and groups change. */
  readonly readerFor: (keys: ReadonlySet<string>) => Reader
  readonly store: Store
  readonly ingest: Ingest
  readonly subscriptions: Subscriptions
  readonly rates: Rates
  readonly reconciliations: Reconciliations
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
  /** Whether the settings let it be used; absent: always. */
  readonly isOn?: (limits: Limits) => boolean
  run(message: Extract<ClientMessage, { verb: V }>, session: Session, engine: Engine): Promise<void> | void
  /** How the verb says that it failed. */
  refuse(message: Extract<ClientMessage, { verb: V }>, fault: Fault): RelayMessage
}
