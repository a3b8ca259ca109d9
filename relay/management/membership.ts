import { type Filter, matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { ACCESS_WINDOW, accessKind, claimOf, encodeInvite } from '#nips/nip43'
import { toJson } from '../store/store.ts'
import type { Sign } from '../voice.ts'
import type { Register } from './register.ts'
import type { Rulebook } from './rulebook.ts'

export type MembershipDeps = {
  readonly rules: Rulebook
  readonly register: Register
  readonly sign: Sign
  readonly clock: Pick<Clock, 'now'>
  /** Whether the relay is for its members alone, asked whenever it matters. */
  readonly isPrivate: () => boolean
  /** Keys that belong to the relay without being on its list: whoever runs it and its services. */
  readonly isOurs: (pubkey: string) => boolean
  /** A new code that nobody guesses. */
  readonly newCode: () => string
}

/** Who belongs to a relay that is for its members alone, how one gets in and out (NIP-43). */
export type Membership = {
  /** Whether one of these keys may be here: everybody may where the relay is not private. */
  admits(pubkeys: Iterable<string>): boolean
  /** Whether a kind is a request to the relay itself, which is answered and shown to nobody. */
  isRequest(kind: number): boolean
  /** What OK says to a request. Rejects with the Fault that refuses it. */
  answer(request: NostrEvent): Promise<string>
  /** Invites that were asked for by kind, as the JSON of events that are not stored. Members have them, others none. */
  invitesFor(filters: readonly Filter[], keys: ReadonlySet<string>): Promise<readonly string[]>
}

/** Seconds an invite is good for. It lets one key in. */
const INVITE = 7 * 86_400

export function createMembership(deps: MembershipDeps): Membership {
  const { rules, clock, isPrivate, register } = deps
  const spent = new Set<string>()
  const belongs = (pubkey: string): boolean => rules.list('allowed-pubkeys').has(pubkey) || deps.isOurs(pubkey)

  return {
    admits(pubkeys) {
      if (!isPrivate()) return true
      for (const pubkey of pubkeys) if (belongs(pubkey)) return true
      return false
    },
    isRequest: (kind) => kind === accessKind.join || kind === accessKind.leave,
    async answer({ kind, pubkey, created_at, tags }) {
      if (!isPrivate()) throw new Fault('unauthorized', 'this relay has no members: everybody may use it')
      if (Math.abs(clock.now() - created_at) > ACCESS_WINDOW) throw new Fault('invalid', 'the request is not from now')
      if (kind === accessKind.join) {
        if (belongs(pubkey)) return 'duplicate: you are already a member of this relay.'
        await register.enter(pubkey, `invited by ${await redeem(claimOf({ tags }), { ...deps, spent })}`)
        return 'info: welcome to this relay!'
      }
      if (!rules.list('allowed-pubkeys').has(pubkey)) throw new Fault('unauthorized', 'you are no member of this relay')
      await register.enter(pubkey, undefined)
      return 'info: you are no member of this relay any more.'
    },
    async invitesFor(filters, keys) {
      const isAsked = filters.some(({ kinds, limit }) => kinds?.has(accessKind.invite) && limit !== 0)
      const member = isAsked && isPrivate() ? [...keys].find(belongs) : undefined
      if (member === undefined) return []
      const event = deps.sign({ ...encodeInvite(await claimFor(member, deps)), created_at: clock.now() })
      return filters.some((filter) => matches(filter, event)) ? [toJson(event)] : []
    },
  }
}

const isGood = (note: string, now: number): boolean => Number(note.split(' ')[1]) > now

/** The member's open invite: the same until somebody uses it or it ends. */
async function claimFor(member: string, { rules, clock, newCode }: MembershipDeps): Promise<string> {
  const now = clock.now()
  for (const [code, note] of [...rules.list('claims')]) {
    if (!isGood(note, now)) await rules.enter('claims', code, undefined)
    else if (note.startsWith(`${member} `)) return code
  }
  const code = newCode()
  await rules.enter('claims', code, `${member} ${now + INVITE}`)
  return code
}

/** Uses an invite up, and says whose it was. */
async function redeem(
  code: string,
  { rules, clock, isOurs, spent }: MembershipDeps & { spent: Set<string> },
): Promise<string> {
  const note = rules.list('claims').get(code)
  if (note === undefined || spent.has(code)) throw new Fault('unauthorized', 'that is an invalid invite code.')
  spent.add(code)
  await rules.enter('claims', code, undefined)
  spent.delete(code)
  if (!isGood(note, clock.now())) throw new Fault('unauthorized', 'that invite code is expired.')
  const [member = ''] = note.split(' ')
  const isStill = isOurs(member) || rules.list('allowed-pubkeys').has(member)
  if (!isStill) throw new Fault('unauthorized', 'that is an invalid invite code.')
  return member
}
