import { isOurs } from './our-keys.ts'
import type { Policy } from './policy.ts'

/** One key does not publish more in a minute than the operator lets it; the deployment's own keys do. */
export const limitKeyRate: Policy = ({ pubkey }, judging) =>
  isOurs(pubkey, judging) ? undefined : judging.rates.refuseKey(pubkey, judging.remote)
