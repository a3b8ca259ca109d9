import { count, list, portOrAny, positive, text } from '#nips/kit/settings'
import { hostOf } from '#nips/nip42'
import { aboutSettings, pubkey } from './settings-about.ts'
import { filterSettings } from './settings-filters.ts'
import { frontSettings } from './settings-front.ts'
import { accessSettings, groupSettings } from './settings-groups.ts'
import { loggingSettings } from './settings-logging.ts'
import { rateSettings } from './settings-rates.ts'
import { setting } from './strfry-conf/row.ts'

function relayUrls(raw: string): string[] {
  const urls = list(raw)
  if (!urls.every((url) => /^wss?:/i.test(url) && hostOf(url) !== undefined))
    throw new Error('must be ws:// or wss:// URLs, separated by commas')
  return urls
}

/** strfry keeps a folder; ours is one file in it. */
const fileIn = (path: string): string => (/\.(db|sqlite3?)$/.test(path) ? path : `${path.replace(/\/+$/, '')}/relay.db`)

/** strfry's 0 means "no limit". */
const zeroIsNone = (value: string): string => (value === '0' ? String(Number.MAX_SAFE_INTEGER) : value)

/** Every variable the relay reads, and the key of strfry.conf that says the same. None is required. */
export const settings = {
  host: setting({
    env: 'RELAY_HOST',
    doc: 'address to listen on',
    parse: text,
    default: '127.0.0.1',
    strfry: 'relay.bind',
  }),
  port: setting({
    env: 'RELAY_PORT',
    doc: 'port to listen on, 0 for any',
    parse: portOrAny,
    default: 7777,
    strfry: 'relay.port',
  }),
  db: setting({
    env: 'RELAY_DB',
    doc: 'the SQLite file',
    parse: text,
    default: './data/relay.db',
    strfry: 'db',
    fromStrfry: fileIn,
  }),
  cacheBytes: setting({
    env: 'RELAY_CACHE_BYTES',
    doc: "bytes of memory for the texts of events; 0: an eighth of the machine's, 512 MiB at most",
    parse: count,
    default: 0,
  }),
  urls: setting({
    env: 'RELAY_PUBLIC_URL',
    doc: 'public ws:// or wss:// URLs, comma-separated; sign-in and requests to vanish have to name one of their hosts. Empty: the address it listens on',
    parse: relayUrls,
    default: [],
    strfry: 'relay.auth.serviceUrl',
    reload: true,
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
  ...aboutSettings,
  realIpHeader: setting({
    env: 'RELAY_REAL_IP_HEADER',
    doc: "header with the client's address, when a proxy of yours stands in front",
    parse: text,
    default: '',
    strfry: 'relay.realIpHeader',
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
    strfry: 'relay.maxWebsocketPayloadSize',
  }),
  maxSubscriptions: setting({
    env: 'RELAY_MAX_SUBSCRIPTIONS',
    doc: 'open subscriptions of one connection',
    parse: positive,
    default: 64,
    strfry: 'relay.maxSubsPerConnection',
    reload: true,
  }),
  maxFilters: setting({
    env: 'RELAY_MAX_FILTERS',
    doc: 'filters of one REQ',
    parse: positive,
    default: 10,
    strfry: 'relay.maxReqFilterSize',
    reload: true,
  }),
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
    strfry: 'relay.maxTagsPerFilter',
    reload: true,
  }),
  maxLimit: setting({
    env: 'RELAY_MAX_LIMIT',
    doc: 'stored events one filter is answered with, also without a "limit"',
    parse: positive,
    default: 500,
    strfry: 'relay.maxFilterLimit',
    reload: true,
  }),
  maxTags: setting({
    env: 'RELAY_MAX_TAGS',
    doc: 'tags of one event',
    parse: positive,
    default: 2000,
    strfry: 'events.maxNumTags',
    reload: true,
  }),
  maxCount: setting({
    env: 'RELAY_MAX_COUNT',
    doc: 'events one COUNT counts (NIP-45); 0: COUNT is off',
    parse: count,
    default: 1_000_000,
    strfry: 'relay.maxFilterLimitCount',
    reload: true,
  }),
  maxSyncEvents: setting({
    env: 'RELAY_MAX_SYNC_EVENTS',
    doc: 'events one NEG-OPEN compares (NIP-77), about 41 bytes of memory each; 0: NIP-77 is off',
    parse: count,
    default: 1_000_000,
    strfry: 'relay.negentropy.maxSyncEvents',
    reload: true,
  }),
  maxTagValue: setting({
    env: 'RELAY_MAX_TAG_VALUE',
    doc: 'bytes of one tag value (a prompt may stand in an "i" tag)',
    parse: positive,
    default: 32_768,
    strfry: 'events.maxTagValSize',
    reload: true,
  }),
  maxFuture: setting({
    env: 'RELAY_MAX_FUTURE',
    doc: 'seconds an event may be ahead of the clock',
    parse: count,
    default: 900,
    strfry: 'events.rejectEventsNewerThanSeconds',
    reload: true,
  }),
  maxPending: setting({
    env: 'RELAY_MAX_PENDING',
    doc: 'bytes waiting for one client; over it, it has five seconds to read something, and at twice it is cut off at once',
    parse: positive,
    default: 4_194_304,
    strfry: 'relay.maxPendingOutboundBytes',
    reload: true,
    fromStrfry: zeroIsNone,
  }),
  maxEventSize: setting({
    env: 'RELAY_MAX_EVENT',
    doc: 'bytes of one event as it is stored; a message cannot be longer anyway',
    parse: positive,
    default: 131_072,
    strfry: 'events.maxEventSize',
    reload: true,
  }),
  maxAge: setting({
    env: 'RELAY_MAX_AGE',
    doc: 'seconds an event may be behind the clock, 0 for any age',
    parse: count,
    default: 0,
    strfry: 'events.rejectEventsOlderThanSeconds',
    reload: true,
  }),
  maxEphemeralAge: setting({
    env: 'RELAY_MAX_EPHEMERAL_AGE',
    doc: 'the same for ephemeral events',
    parse: count,
    default: 0,
    strfry: 'events.rejectEphemeralEventsOlderThanSeconds',
    reload: true,
  }),
  plugin: setting({
    env: 'RELAY_PLUGIN',
    doc: 'command that is asked about every event (write policy, the protocol of strfry); empty: none',
    parse: text,
    default: '',
    strfry: 'relay.writePolicy.plugin',
    reload: true,
  }),
  pluginTimeout: setting({
    env: 'RELAY_PLUGIN_TIMEOUT',
    doc: 'seconds it may take for an answer before it is started anew',
    parse: positive,
    default: 10,
    strfry: 'relay.writePolicy.timeoutSeconds',
    reload: true,
  }),
  ...frontSettings,
  ...filterSettings,
  ...loggingSettings,
  ...accessSettings,
  ...groupSettings,
  ...rateSettings,
}
