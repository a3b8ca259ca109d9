import { type Clock, systemClock } from '#nips/kit/clock'
import { RelayLink, type Signer } from '#nips/relay-link'

/** A link of somebody to a real relay, open. */
export function linkTo(url: string, signer: Signer, clock: Clock = systemClock()): RelayLink {
  const link = new RelayLink({ url, signer, clock, dial: (address) => new WebSocket(address), random: Math.random })
  link.open()
  return link
}
