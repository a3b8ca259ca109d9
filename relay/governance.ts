import type { NostrEvent } from '#nips/keys'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import { stateKinds } from '#nips/nip29'
import { accessKind } from '#nips/nip43'
import type { Deployment } from '#nips/service'
import { createGroups, type Groups, type Origin } from './groups/groups.ts'
import type { About } from './info.ts'
import type { Limits } from './limits.ts'
import { createManage, type Manage, type ManageDeps } from './management/manage.ts'
import { createMembership, type Membership } from './management/membership.ts'
import { createRegister } from './management/register.ts'
import { createRulebook, type Rulebook } from './management/rulebook.ts'
import { RELAY, type Reader } from './read-rules.ts'
import type { Store } from './store/store.ts'
import { createVoice, type Sign } from './voice.ts'
import type { Writer } from './writer.ts'

export type GovernanceDeps = {
  readonly store: Store
  readonly put: Writer['put']
  readonly clock: Pick<Clock, 'now'>
  readonly limits: () => Limits
  readonly about: About
  readonly deployment?: Deployment | undefined
  readonly hosts: () => readonly string[]
  readonly admins: readonly string[]
  readonly sign: Sign
  readonly newChallenge: () => string
  readonly signed: ManageDeps['signed']
  readonly rates: ManageDeps['rates']
  readonly breathe: () => Promise<void>
  readonly log: Log
}

/** Who may do what here beyond the rules that hold for everybody: admins, members, groups. */
export type Governance = {
  readonly isAdmin: (pubkey: string) => boolean
  readonly rules: Rulebook
  readonly members: Membership
  readonly groups: Groups
  readonly manage: Manage
  /** Who somebody with these keys is to the read rule; stays true while keys, groups and members change. */
  readonly readerFor: (keys: ReadonlySet<string>) => Reader
  /** Told of each stored event, in order; `show` hands it to whoever may read it. */
  hear(event: NostrEvent, show: () => void, from?: Origin): void
  /** Tries again what could not be said or erased. */
  retry(): Promise<void>
  /** Reads what is stored. Until it resolves, groups are closed to everybody. */
  open(): Promise<void>
}

export function createGovernance(deps: GovernanceDeps): Governance {
  const { admins, deployment, limits } = deps
  const { self } = deps.about
  const isAdmin = (pubkey: string) => pubkey === deployment?.operator || admins.includes(pubkey)
  const voice = createVoice({ ...deps, self })
  const rules = createRulebook(deps.store)
  const isPrivate = () => limits().membersOnly
  const register = createRegister({ rules, voice, isPrivate })
  const members = createMembership({
    ...deps,
    rules,
    register,
    isPrivate,
    isOurs: (pubkey) => isAdmin(pubkey) || pubkey === self || deployment?.keys.has(pubkey) === true,
    newCode: deps.newChallenge,
  })
  const groups = createGroups({ ...deps, self, voice })
  const readerFor = (keys: ReadonlySet<string>): Reader => {
    const hidden = groups.hiddenFrom(keys)
    return {
      keys,
      hidden: {
        get size() {
          return limits().membersOnly ? 1 : hidden.size
        },
        has: (entry) => (entry === RELAY ? !members.admits(keys) : hidden.has(entry)),
      },
    }
  }
  return {
    isAdmin,
    rules,
    members,
    groups,
    manage: createManage({ ...deps, self, isAdmin, rules, register, readerFor }),
    readerFor,
    hear(event, show, from) {
      groups.hear(event, show, from)
      voice.note(event)
    },
    async retry() {
      await Promise.all([groups.retry(), register.open()])
    },
    async open() {
      await voice.open([...stateKinds, accessKind.members, accessKind.role])
      await groups.open()
      await register.open()
    },
  }
}
