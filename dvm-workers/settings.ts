import { firstOf, setting, text } from '#nips/kit/settings'

export const settings = {
  relay: setting({
    env: 'RELAY_URL',
    doc: 'WebSocket URL of the relay to work on',
    parse: text,
    default: 'ws://127.0.0.1:7777',
  }),
  publicRelay: setting({
    env: 'RELAY_PUBLIC_URL',
    doc: 'the URL under which others reach that relay',
    parse: firstOf,
    default: 'ws://localhost:8080',
  }),
  publicUrl: setting({
    env: 'PUBLIC_URL',
    doc: 'where people open the page',
    parse: text,
    default: 'http://localhost:8080',
  }),
  broker: setting({
    env: 'BROKER_URL',
    doc: 'address of the gateway broker',
    parse: text,
    default: 'http://127.0.0.1:8081',
  }),
  key: setting({
    env: 'SERVICE_KEY',
    doc: 'file with the secret key of the service',
    parse: text,
    default: './data/keys/service.key',
  }),
  database: setting({ env: 'WORKER_DB', doc: 'file of the job table', parse: text, default: './data/worker.db' }),
}
