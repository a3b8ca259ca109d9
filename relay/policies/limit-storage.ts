import { kind as kinds, storageOf } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import { isOurs } from './our-keys.ts'
import type { Policy } from './policy.ts'

/** What takes away more than it brings. */
const freeing: ReadonlySet<number> = new Set([kinds.deletion, kinds.vanish])

/**
 * One key does not store more than its share; the deployment's own keys do, and whoever makes room may. Waits only to be
 * sure that a share is used up: until the store has told, it is overrun by little.
 */
export const limitStorage: Policy = ({ kind, pubkey }, judging) => {
  const { quota } = judging.limits
  if (quota === 0 || freeing.has(kind) || storageOf(kind) === 'ephemeral' || isOurs(pubkey, judging)) return undefined
  if ((judging.usages.peek(pubkey)?.bytes ?? 0) < quota) return undefined
  return judging.usages.of(pubkey).then(({ bytes }) => (bytes < quota ? undefined : full))
}

const full = new Fault('conflict', 'this key has stored as much as it may')
