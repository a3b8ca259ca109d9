/** A key of strfry.conf: strfry's default, whose type is the key's, and how we stand to it. */
export type KeyFacts = {
  readonly default: string | number | boolean
  /** Why our default is another one. */
  readonly differs?: string
  /** Why no setting of ours answers to it. */
  readonly without?: string
}

const threads = 'threads are ours to choose: sockets and matching, one writer, verifiers'
const sqlite = 'a parameter of LMDB; events are in SQLite'

/** Every key of strfry.conf. The settings that answer to one name it in their row; the others say here why there is none. */
export const strfryKeys = {
  db: { default: './strfry-db/', differs: 'a SQLite file; for a directory, relay.db in it' },
  'dbParams.maxreaders': { default: 256, without: sqlite },
  'dbParams.mapsize': { default: 10_995_116_277_760, without: sqlite },
  'dbParams.noReadAhead': { default: false, without: sqlite },
  'events.maxEventSize': { default: 65_536, differs: 'results of jobs may be longer; one message is the bound' },
  'events.rejectEventsNewerThanSeconds': { default: 900 },
  'events.rejectEventsOlderThanSeconds': {
    default: 94_608_000,
    differs: 'whoever moves here may bring all their notes',
  },
  'events.rejectEphemeralEventsOlderThanSeconds': {
    default: 60,
    differs: 'ephemeral gift wraps carry a date up to two days back',
  },
  'events.ephemeralEventsLifetimeSeconds': { default: 300, without: 'ephemeral events are never stored' },
  'events.maxNumTags': { default: 2000 },
  'events.maxTagValSize': { default: 1024, differs: 'a prompt may stand in an "i" tag' },
  'relay.bind': { default: '127.0.0.1' },
  'relay.port': { default: 7777 },
  'relay.nofiles': { default: 524_288, without: 'the limit the process was started with stands (ulimit -n)' },
  'relay.realIpHeader': { default: '' },
  'relay.auth.enabled': { default: true, without: 'sign-in is always possible' },
  'relay.auth.serviceUrl': { default: '' },
  'relay.auth.restrictedReadKinds': {
    default: '4, 1059',
    without: 'the table of kinds decides: 4, 1059, 21059 and the kinds of jobs are private',
  },
  'relay.auth.restrictReadToInvolvedPubkey': {
    default: true,
    without: 'private kinds are always for their parties only',
  },
  'relay.info.name': { default: 'strfry default', differs: 'it is not strfry' },
  'relay.info.description': { default: 'This is a strfry instance.', differs: 'it is not strfry' },
  'relay.info.pubkey': { default: '' },
  'relay.info.self': { default: '', without: "the relay's own key is the one it signs with (RELAY_KEY)" },
  'relay.info.contact': { default: '' },
  'relay.info.icon': { default: '' },
  'relay.info.banner': { default: '' },
  'relay.info.privacy': { default: '' },
  'relay.info.terms': { default: '' },
  'relay.info.nips': { default: '', without: 'computed from what is there' },
  'relay.maxWebsocketPayloadSize': { default: 131_072 },
  'relay.maxReqFilterSize': { default: 200, differs: 'no client needs more, and each one costs a query' },
  'relay.autoPingSeconds': { default: 55, without: 'every 55 seconds' },
  'relay.enableTcpKeepalive': { default: false, without: 'pings find dead connections' },
  'relay.queryTimesliceBudgetMicroseconds': { default: 10_000, without: 'a page of an answer is bounded instead' },
  'relay.maxFilterLimit': { default: 500 },
  'relay.maxTagsPerFilter': { default: 3 },
  'relay.maxFilterLimitCount': { default: 1_000_000 },
  'relay.maxSubsPerConnection': { default: 200, differs: 'each is matched against every event' },
  'relay.maxPendingOutboundBytes': { default: 33_554_432, differs: 'what one stalled client may cost' },
  'relay.writePolicy.plugin': { default: '' },
  'relay.writePolicy.timeoutSeconds': { default: 10 },
  'relay.compression.enabled': { default: true, differs: 'it costs CPU, and memory for each client' },
  'relay.compression.slidingWindow': {
    default: true,
    without: 'each message is compressed alone: no memory between them',
  },
  'relay.logging.dumpInAll': { default: false },
  'relay.logging.dumpInEvents': { default: false },
  'relay.logging.dumpInReqs': { default: false },
  'relay.logging.dbScanPerf': { default: false, without: 'scan --metrics tells for one filter' },
  'relay.logging.invalidEvents': {
    default: true,
    differs: 'a line for every refused event lets a flood fill the disk',
  },
  'relay.numThreads.ingester': { default: 3, without: threads },
  'relay.numThreads.reqWorker': { default: 3, without: threads },
  'relay.numThreads.reqMonitor': { default: 3, without: threads },
  'relay.numThreads.negentropy': { default: 2, without: threads },
  'relay.negentropy.enabled': { default: true, without: 'relay.negentropy.maxSyncEvents = 0 turns it off' },
  'relay.negentropy.maxSyncEvents': { default: 1_000_000 },
  'relay.filterValidation.enabled': { default: false },
  'relay.filterValidation.maxFiltersPerReq': { default: 3 },
  'relay.filterValidation.minFiltersPerReq': { default: 1 },
  'relay.filterValidation.maxKindsPerFilter': { default: 3 },
  'relay.filterValidation.allowedKinds': { default: '' },
  'relay.filterValidation.requireAuthorOrTag': { default: false },
} as const satisfies Record<string, KeyFacts>

export type StrfryKey = keyof typeof strfryKeys

export const isStrfryKey = (key: string): key is StrfryKey => Object.hasOwn(strfryKeys, key)
