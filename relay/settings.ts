import { count, list, oneOf, portOrAny, setting, text } from '#nips/kit/settings'
import { hostOf } from '#nips/nip42'

function pubkey(raw: string): string {
  if (!/^[0-9a-f]{64}$/.test(raw)) throw new Error('must be 64 lower-case hex digits')
  return raw
}

function relayUrls(raw: string): string[] {
  const urls = list(raw)
  if (!urls.every((url) => /^wss?:/i.test(url) && hostOf(url) !== undefined))
    throw new Error('must be ws:// or wss:// URLs, separated by commas')
  return urls
}

function positive(raw: string): number {
  const value = count(raw)
  if (value === 0) throw new Error('must be at least 1')
  return value
}

/** Every variable the relay reads. None is required. */
export const settings = {
  host: setting({ env: 'RELAY_HOST', doc: 'address to listen on', parse: text, default: '127.0.0.1' }),
  port: setting({ env: 'RELAY_PORT', doc: 'port to listen on, 0 for any', parse: portOrAny, default: 7777 }),
  db: setting({ env: 'RELAY_DB', doc: 'the SQLite file', parse: text, default: './data/relay.db' }),
  urls: setting({
    env: 'RELAY_PUBLIC_URL',
    doc: 'public ws:// or wss:// URLs, comma-separated; sign-in and requests to vanish have to name one of their hosts. Empty: the address it listens on',
    parse: relayUrls,
    default: [],
  }),
  deployment: setting({
    env: 'DEPLOYMENT',
    doc: 'JSON file with the signed list of service keys; without it nobody may write service kinds',
    parse: text,
    default: '',
  }),
  operator: setting({
    env: 'OPERATOR',
    doc: 'public key (hex) whose signature the deployment has to carry; empty: whoever signed it',
    parse: (raw): string => (raw === '' ? '' : pubkey(raw)),
    default: '',
  }),
  key: setting({
    env: 'RELAY_KEY',
    doc: "file with the relay's own secret key (64 hex digits); made when missing",
    parse: text,
    default: './data/keys/relay.key',
  }),
  name: setting({ env: 'RELAY_NAME', doc: 'name shown in NIP-11', parse: text, default: 'OpenAgents relay' }),
  realIpHeader: setting({
    env: 'RELAY_REAL_IP_HEADER',
    doc: "header with the client's address, when a proxy of yours stands in front",
    parse: text,
    default: '',
  }),
  verifyThreads: setting({
    env: 'RELAY_VERIFY_THREADS',
    doc: 'threads that check signatures, 0 for one less than there are cores',
    parse: count,
    default: 0,
  }),
  maxMessageLength: setting({
    env: 'RELAY_MAX_MESSAGE',
    doc: 'bytes of one message from a client',
    parse: positive,
    default: 131_072,
  }),
  maxSubscriptions: setting({
    env: 'RELAY_MAX_SUBSCRIPTIONS',
    doc: 'open subscriptions of one connection',
    parse: positive,
    default: 64,
  }),
  maxFilters: setting({ env: 'RELAY_MAX_FILTERS', doc: 'filters of one REQ', parse: positive, default: 10 }),
  maxFilterValues: setting({
    env: 'RELAY_MAX_FILTER_VALUES',
    doc: 'ids, authors, kinds and tag values of one filter together',
    parse: positive,
    default: 1000,
  }),
  maxFilterTags: setting({
    env: 'RELAY_MAX_FILTER_TAGS',
    doc: 'tag conditions of one filter',
    parse: positive,
    default: 3,
  }),
  maxLimit: setting({
    env: 'RELAY_MAX_LIMIT',
    doc: 'stored events one filter is answered with, also without a "limit"',
    parse: positive,
    default: 500,
  }),
  maxCount: setting({
    env: 'RELAY_MAX_COUNT',
    doc: 'events one COUNT counts (NIP-45); 0: COUNT is off',
    parse: count,
    default: 1_000_000,
  }),
  maxSyncEvents: setting({
    env: 'RELAY_MAX_SYNC_EVENTS',
    doc: 'events one NEG-OPEN compares (NIP-77), about 41 bytes of memory each; 0: NIP-77 is off',
    parse: count,
    default: 1_000_000,
  }),
  maxTags: setting({ env: 'RELAY_MAX_TAGS', doc: 'tags of one event', parse: positive, default: 2000 }),
  maxTagValue: setting({
    env: 'RELAY_MAX_TAG_VALUE',
    doc: 'bytes of one tag value (a prompt may stand in an "i" tag)',
    parse: positive,
    default: 32_768,
  }),
  maxFuture: setting({
    env: 'RELAY_MAX_FUTURE',
    doc: 'seconds an event may be ahead of the clock',
    parse: count,
    default: 900,
  }),
  maxPending: setting({
    env: 'RELAY_MAX_PENDING',
    doc: 'bytes waiting for one client before it is cut off',
    parse: positive,
    default: 4_194_304,
  }),
  admins: setting({
    env: 'RELAY_ADMINS',
    doc: 'public keys (hex), comma-separated, that may run the relay (NIP-86) beside the operator',
    parse: (raw): readonly string[] => list(raw).map(pubkey),
    default: [],
  }),
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
