import { oneOf, port, setting, text } from '#nips/kit/settings'

/** What `npm start` itself reads. Everything else is handed on to the programs as it is. */
export const settings = {
  port: setting({ env: 'PORT', doc: 'port of the page, the API and the relay', parse: port, default: 8080 }),
  host: setting({
    env: 'HOST',
    doc: 'address to listen on; set PUBLIC_URL too when others shall reach it',
    parse: text,
    default: 'localhost',
  }),
  data: setting({ env: 'DATA_DIR', doc: 'where everything is kept', parse: text, default: './data' }),
  publicUrl: setting({
    env: 'PUBLIC_URL',
    doc: 'the address people open; empty: http://localhost and the port',
    parse: text,
    default: '',
  }),
  relayRuntime: setting<'auto' | 'bun' | 'node'>({
    env: 'RELAY_RUNTIME',
    doc: 'what the relay runs on: bun, node, or auto for Bun where it works',
    parse: oneOf('auto', 'bun', 'node'),
    default: 'auto',
  }),
}
