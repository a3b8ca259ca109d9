import { count, firstOf, flag, oneOf, portOrAny, setting, text } from '#nips/kit/settings'
import { modelSettings } from './models/settings.ts'
import { driverNames } from './sandbox/index.ts'

/** Every variable the broker reads. None is required. */
export const settings = {
  host: setting({ env: 'BROKER_HOST', doc: 'address to listen on', parse: text, default: '127.0.0.1' }),
  port: setting({ env: 'BROKER_PORT', doc: 'port to listen on, 0 for any', parse: portOrAny, default: 8081 }),
  url: setting({
    env: 'BROKER_URL',
    doc: 'address under which workers call it, as they sign it; empty: the address it listens on',
    parse: text,
    default: '',
  }),
  publicUrl: setting({
    env: 'PUBLIC_URL',
    doc: 'where people open the page',
    parse: text,
    default: 'http://localhost:8080',
  }),
  publicRelay: setting({
    env: 'RELAY_PUBLIC_URL',
    doc: 'the URL under which others reach the relay',
    parse: firstOf,
    default: 'ws://localhost:8080',
  }),
  data: setting({ env: 'DATA_DIR', doc: 'where everything is kept', parse: text, default: './data' }),
  deployment: setting({
    env: 'DEPLOYMENT',
    doc: "file with the operator's signed list of keys",
    parse: text,
    default: './data/keys/deployment.json',
  }),
  operator: setting({
    env: 'OPERATOR',
    doc: 'public key (hex) whose signature that list has to carry; empty: whoever signed it',
    parse: text,
    default: '',
  }),
  openclaw: setting({
    env: 'OPENCLAW_DIR',
    doc: 'where versions of OpenClaw are installed; empty: in DATA_DIR',
    parse: text,
    default: '',
  }),
  sandbox: setting<(typeof driverNames)[number]>({
    env: 'SANDBOX',
    doc: 'what keeps gateways apart; auto takes the strongest that works here',
    parse: oneOf(...driverNames),
    default: 'auto',
  }),
  perOwner: setting({ env: 'INSTANCES_PER_OWNER', doc: 'gateways one key may have', parse: count, default: 1 }),
  total: setting({
    env: 'INSTANCES_MAX',
    doc: 'gateways on this machine; 0: as many as its memory holds',
    parse: count,
    default: 0,
  }),
  shareUnisolated: setting({
    env: 'SHARE_UNISOLATED',
    doc: '1 lets several owners use a sandbox that keeps nothing apart; every gateway can then read the others',
    parse: flag,
    default: false,
  }),
  ...modelSettings,
}
