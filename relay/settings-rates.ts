import { count, list } from '#nips/kit/settings'
import { networksOf } from './rates/networks.ts'
import { setting } from './strfry-conf/row.ts'

function percent(raw: string): number {
  const value = count(raw)
  if (value > 100) throw new Error('must be from 0 to 100')
  return value
}

function difficulty(raw: string): number {
  const value = count(raw)
  if (value > 256) throw new Error('must be from 0 to 256')
  return value
}

function cidrs(raw: string): string[] {
  const items = raw === 'none' ? [] : list(raw)
  networksOf(items)
  return items
}

/** How much strangers may do, and how often. */
export const rateSettings = {
  trustedIps: setting({
    env: 'RELAY_TRUSTED_IPS',
    doc: 'addresses and CIDRs that no rate holds for, comma-separated, or none; say none when a proxy of yours stands in front and does not tell whom it speaks for',
    parse: cidrs,
    default: ['127.0.0.0/8', '::1'],
    reload: true,
  }),
  eventsPerIp: setting({
    env: 'RELAY_EVENTS_PER_IP_MINUTE',
    doc: 'events and sign-ins of one address (IPv6: of one /64) in a minute; 0: no limit',
    parse: count,
    default: 6000,
    reload: true,
  }),
  requestsPerIp: setting({
    env: 'RELAY_REQUESTS_PER_IP_MINUTE',
    doc: 'what the requests of one address may cost in a minute: a filter that names ids, authors or tags costs 1, one that names nothing 6, COUNT four and NEG-OPEN ten times as much; 0: no limit',
    parse: count,
    default: 6000,
    reload: true,
  }),
  eventsPerKey: setting({
    env: 'RELAY_EVENTS_PER_KEY_MINUTE',
    doc: "new events of one key in a minute, the deployment's own apart; 0: no limit",
    parse: count,
    default: 1200,
    reload: true,
  }),
  quota: setting({
    env: 'RELAY_QUOTA_BYTES',
    doc: "bytes of events that one key may have stored, the deployment's own apart; 0: no limit",
    parse: count,
    default: 268_435_456,
    reload: true,
  }),
  minPow: setting({
    env: 'RELAY_MIN_POW',
    doc: 'zero bits (NIP-13) that the event of a key has to have which has nothing stored here yet; 0: none',
    parse: difficulty,
    default: 0,
    reload: true,
  }),
  diskReserve: setting({
    env: 'RELAY_DISK_RESERVE',
    doc: 'percent of the disk that stay free: below it nothing is stored; 0: all may be used',
    parse: percent,
    default: 5,
    reload: true,
  }),
}
