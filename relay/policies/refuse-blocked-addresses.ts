import { Fault } from '#nips/kit/fault'
import { plainAddress } from '../address.ts'
import type { Policy } from './policy.ts'

/** NIP-86: who was connected when an admin blocked their address writes nothing more. */
export const refuseBlockedAddresses: Policy = (_event, { rules, remote }) =>
  rules.list('blocked-ips').has(plainAddress(remote)) ? new Fault('conflict', 'this address is blocked') : undefined
