import type { SignedEvent } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import type { Fault } from '#nips/kit/fault'
import type { Deployment } from '#nips/service'
import type { Groups } from '../groups/groups.ts'
import type { Limits } from '../limits.ts'
import type { Membership } from '../management/membership.ts'
import type { Rulebook } from '../management/rulebook.ts'
import type { Rates } from '../rates/rates.ts'
import type { Usages } from '../rates/usages.ts'
import type { Reader } from '../read-rules.ts'

/** What a policy may go by. */
export type Judging = {
  /** Seconds. */
  readonly now: number
  /** Who sends it: the keys that have signed in on the connection the event came by. */
  readonly reader: Reader
  /** The address it comes from. */
  readonly remote: string
  readonly limits: Limits
  /** The deployment's keys; absent when the relay knows of none. */
  readonly deployment?: Deployment | undefined
  /** Whether a key may run this relay. */
  readonly isAdmin: (pubkey: string) => boolean
  readonly groups: Pick<Groups, 'book' | 'hasSeen'>
  /** What the admins have ruled. */
  readonly rules: Pick<Rulebook, 'list'>
  readonly members: Pick<Membership, 'admits'>
  /** Host and port of every URL this relay is known by. */
  readonly hosts: readonly string[]
  readonly rates: Pick<Rates, 'refuseKey'>
  /** What keys have stored here. */
  readonly usages: Pick<Usages, 'peek' | 'of'>
  readonly diskIsFull: boolean
  /** A stored event, whoever may read it. */
  readonly find: (id: string) => Promise<NostrEvent | undefined>
  /** The operator's program, when there is one. */
  readonly plugin?: ((event: SignedEvent, from: Sender) => Promise<Verdict>) | undefined
}

/** Where an event comes from, as a plugin is told. */
type Sender = Pick<Judging, 'remote' | 'reader'>

/** `shadow` refuses without telling the sender. */
export type Verdict = Fault | 'shadow' | undefined

/** Says why an event is not taken, or nothing. One that throws refuses as well. */
export type Policy = (event: SignedEvent, judging: Judging) => Verdict | Promise<Verdict>
