import { Fault } from '#nips/kit/fault'
import { accessKind } from '#nips/nip43'
import type { Policy } from './policy.ts'

/** NIP-43: a private relay is written to by its members, also where the event bears a throw-away key. */
export const requireMember: Policy = ({ kind, pubkey }, { members, reader }) => {
  if (kind === accessKind.join || members.admits([pubkey, ...reader.keys])) return undefined
  return reader.keys.size === 0
    ? new Fault('unauthenticated', 'this relay is for its members')
    : new Fault('unauthorized', 'this relay is for its members')
}
