import { flag, positive } from '#nips/kit/settings'
import { setting } from './strfry-conf/row.ts'

/** Who may come in, how quickly they may speak, and how the port is held. */
export const frontSettings = {
  maxConnections: setting({
    env: 'RELAY_MAX_CONNECTIONS',
    doc: 'open connections of all clients',
    parse: positive,
    default: 20_000,
    reload: true,
  }),
  maxConnectionsPerIp: setting({
    env: 'RELAY_MAX_CONNECTIONS_PER_IP',
    doc: 'open connections from one IPv4 address or IPv6 /64; this machine itself is not counted',
    parse: positive,
    default: 200,
    reload: true,
  }),
  maxBytesPerSecond: setting({
    env: 'RELAY_MAX_BYTES_PER_SECOND',
    doc: 'bytes per second taken from one IPv4 address or IPv6 /64; whoever sends more is read more slowly',
    parse: positive,
    default: 8_388_608,
    reload: true,
  }),
  compression: setting({
    env: 'RELAY_COMPRESSION',
    doc: '1 to offer clients permessage-deflate, which saves bandwidth and costs CPU',
    parse: flag,
    default: false,
    strfry: 'relay.compression.enabled',
  }),
  reusePort: setting({
    env: 'RELAY_REUSE_PORT',
    doc: '1 to let another relay listen on the same port and take over (Linux); SIGUSR1 then sends the first one home',
    parse: flag,
    default: false,
  }),
}
