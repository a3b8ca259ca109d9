import { count, list, oneOf, positive } from '#nips/kit/settings'
import { pubkey } from './settings-about.ts'
import { setting } from './strfry-conf/row.ts'

/** Who runs the relay, and for whom it is. */
export const accessSettings = {
  admins: setting({
    env: 'RELAY_ADMINS',
    doc: 'public keys (hex), comma-separated, that may run the relay (NIP-86) beside the operator',
    parse: (raw): readonly string[] => list(raw).map(pubkey),
    default: [],
  }),
  access: setting({
    env: 'RELAY_ACCESS',
    doc: 'who may write and read: everybody, or members only (NIP-43); its services and admins always may',
    parse: oneOf('everybody', 'members'),
    default: 'everybody' as const,
    reload: true,
  }),
}

/** What groups (NIP-29) may be here. */
export const groupSettings = {
  groupCreators: setting({
    env: 'RELAY_GROUP_CREATORS',
    doc: 'who may create groups (NIP-29): anyone or admins',
    parse: oneOf('anyone', 'admins'),
    default: 'anyone' as const,
  }),
  groupsPerKey: setting({
    env: 'RELAY_GROUPS_PER_KEY',
    doc: 'groups one key may have created',
    parse: count,
    default: 10,
  }),
  groupMembers: setting({
    env: 'RELAY_GROUP_MEMBERS',
    doc: 'members of one group',
    parse: positive,
    default: 5000,
  }),
  groupMaxAge: setting({
    env: 'RELAY_GROUP_MAX_AGE',
    doc: 'seconds the date of a post to a group may be past',
    parse: positive,
    default: 86_400,
  }),
}
