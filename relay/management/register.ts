import { Fault } from '#nips/kit/fault'
import { accessKind, encodeMembers, encodeMembership, encodeRole, type RoleText } from '#nips/nip43'
import type { Voice } from '../voice.ts'
import type { Rulebook } from './rulebook.ts'

export type RegisterDeps = {
  readonly rules: Rulebook
  readonly voice: Voice
  /** Whether the relay is for its members alone, asked whenever it matters. */
  readonly isPrivate: () => boolean
}

/** The list of members and their roles. A private relay tells it (NIP-43), another one keeps it to itself. */
export type Register = {
  /** Says what is not said yet. */
  open(): Promise<void>
  /** Writes a key into the list with a note, or strikes it out where there is none. */
  enter(pubkey: string, note: string | undefined): Promise<true>
  describeRole(id: string, text: RoleText, as: 'new' | 'known'): Promise<true>
  dropRole(id: string): Promise<true>
  assign(pubkey: string, role: string, has: boolean): Promise<true>
}

export function createRegister({ rules, voice, isPrivate }: RegisterDeps): Register {
  const rolesOf = (pubkey: string): string[] =>
    (rules.list('member-roles').get(pubkey) ?? '').split(',').filter((role) => role !== '')

  async function tell(): Promise<true> {
    if (!isPrivate()) return true
    const roles = [...rules.list('roles')].map(([id, text]) => encodeRole(id, JSON.parse(text) as RoleText))
    const members = [...rules.list('allowed-pubkeys').keys()].map((pubkey) => [pubkey, rolesOf(pubkey)] as const)
    await voice.keep([...roles, encodeMembers(members)])
    return true
  }

  async function assign(pubkey: string, role: string, has: boolean): Promise<true> {
    if (has && !rules.list('roles').has(role)) throw new Fault('not-found', 'there is no such role')
    if (has && !rules.list('allowed-pubkeys').has(pubkey)) throw new Fault('not-found', 'this key is no member')
    const roles = [...rolesOf(pubkey).filter((own) => own !== role), ...(has ? [role] : [])]
    await rules.enter('member-roles', pubkey, roles.length === 0 ? undefined : roles.join(','))
    return tell()
  }

  return {
    async open() {
      if (isPrivate()) await tell()
      else await voice.retract(accessKind.members, '')
    },
    async enter(pubkey, note) {
      const was = rules.list('allowed-pubkeys').has(pubkey)
      const is = note !== undefined
      await rules.enter('allowed-pubkeys', pubkey, note)
      if (!is) await rules.enter('member-roles', pubkey, undefined)
      if (isPrivate() && was !== is) await voice.say(encodeMembership(pubkey, is))
      return tell()
    },
    async describeRole(id, text, as) {
      if (rules.list('roles').has(id) !== (as === 'known'))
        throw new Fault('conflict', as === 'new' ? 'there is such a role' : 'there is no such role')
      await rules.enter('roles', id, JSON.stringify(text))
      return tell()
    },
    async dropRole(id) {
      for (const pubkey of [...rules.list('member-roles').keys()]) await assign(pubkey, id, false)
      await rules.enter('roles', id, undefined)
      await voice.retract(accessKind.role, id)
      return true
    },
    assign,
  }
}
