import { onlyTag, type SignedEvent } from './event.ts'
import type { EventTemplate } from './keys.ts'
import { kind } from './kinds.ts'
import { Fault } from './kit/fault.ts'

/** Seconds an answer to a challenge may be off. */
const WINDOW = 600

/** NIP-42: what a client signs to show a relay which key it holds. */
export const encodeRelayAuth = (relay: string, challenge: string, now: number): EventTemplate => ({
  kind: kind.relayAuth,
  created_at: now,
  tags: [
    ['relay', relay],
    ['challenge', challenge],
  ],
  content: '',
})

/** Refuses an AUTH event that is not for this relay, this connection and this moment. `hosts` are the relay's own. */
export function requireRelayAuth(
  event: SignedEvent,
  { challenge, hosts, now }: { challenge: string; hosts: readonly string[]; now: number },
): void {
  if (event.kind !== kind.relayAuth) throw new Fault('invalid', 'wrong event kind, expected 22242')
  if (onlyTag(event, 'challenge') !== challenge) throw new Fault('invalid', 'challenge string mismatch')
  if (Math.abs(now - event.created_at) > WINDOW) throw new Fault('invalid', 'created_at is more than 10 minutes off')
  const host = hostOf(onlyTag(event, 'relay'))
  if (host === undefined || !hosts.includes(host))
    throw new Fault('invalid', `incorrect or missing relay tag, expected: ${hosts[0] ?? ''}`)
}

/** Host and port of a ws(s) or http(s) URL, lower case; libraries differ in trailing slashes and paths. */
export function hostOf(url: string): string | undefined {
  const match = /^(wss?|https?):\/\/([^/?#@]+)(?:[/?#]|$)/i.exec(url)
  const [, scheme, authority] = match ?? []
  if (scheme === undefined || authority === undefined) return undefined
  const usual = /^(wss|https)$/i.test(scheme) ? ':443' : ':80'
  const host = authority.toLowerCase()
  return host.endsWith(usual) ? host.slice(0, -usual.length) : host
}
