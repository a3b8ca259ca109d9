import { kind } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** What somebody may always send: that something of theirs goes away. */
const always: ReadonlySet<number> = new Set([kind.deletion, kind.vanish])

/** NIP-86: kinds that an admin has ruled out, by name or by naming others. The service and the admins write theirs. */
export const refuseKindsOfNoUseHere: Policy = (event, { rules, deployment, isAdmin }) => {
  const [allowed, disallowed] = [rules.list('allowed-kinds'), rules.list('disallowed-kinds')]
  if (allowed.size + disallowed.size === 0 || always.has(event.kind)) return undefined
  if (isAdmin(event.pubkey) || deployment?.keys.has(event.pubkey)) return undefined
  const name = String(event.kind)
  const isOut = disallowed.has(name) || (allowed.size > 0 && !allowed.has(name))
  return isOut ? new Fault('conflict', `kind ${name} is not taken here`) : undefined
}
