import { tagValues } from '#nips/event'
import { kind } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import { hostOf } from '#nips/nip42'
import type { Policy } from './policy.ts'

/** NIP-62: a request to vanish counts where it names this relay or all of them; elsewhere it must erase nothing. */
export const requireOurNameToVanish: Policy = (event, { hosts }) => {
  if (event.kind !== kind.vanish) return undefined
  const isOurs = (relay: string) => relay === 'ALL_RELAYS' || hosts.includes(hostOf(relay) ?? '')
  return tagValues(event, 'relay').some(isOurs)
    ? undefined
    : new Fault('invalid', 'the request to vanish names neither this relay nor ALL_RELAYS')
}
