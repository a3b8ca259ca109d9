import { flag } from '#nips/kit/settings'
import { setting } from './strfry-conf/row.ts'

/** What goes into the log besides starts, ends and failures. Dumps hold what people say in private. */
export const loggingSettings = {
  dumpInAll: setting({
    env: 'RELAY_LOG_ALL',
    doc: '1 logs every message from a client, private ones too',
    parse: flag,
    default: false,
    strfry: 'relay.logging.dumpInAll',
    reload: true,
  }),
  dumpInEvents: setting({
    env: 'RELAY_LOG_EVENTS',
    doc: '1 logs every EVENT from a client, private ones too',
    parse: flag,
    default: false,
    strfry: 'relay.logging.dumpInEvents',
    reload: true,
  }),
  dumpInReqs: setting({
    env: 'RELAY_LOG_REQS',
    doc: '1 logs every REQ and CLOSE from a client',
    parse: flag,
    default: false,
    strfry: 'relay.logging.dumpInReqs',
    reload: true,
  }),
  invalidEvents: setting({
    env: 'RELAY_LOG_REFUSED',
    doc: '1 logs every event that was refused: its id and why',
    parse: flag,
    default: false,
    strfry: 'relay.logging.invalidEvents',
    reload: true,
  }),
}
