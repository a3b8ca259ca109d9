import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** NIP-86: whom an admin has banned writes nothing here. */
export const refuseBannedKeys: Policy = ({ pubkey }, { rules }) =>
  rules.list('banned-pubkeys').has(pubkey) ? new Fault('conflict', 'this key is banned') : undefined
