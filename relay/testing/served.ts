import { SignedEvent } from '#nips/event'
import { type Verify, verifySchnorr } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { readSettings } from '#nips/kit/settings'
import { decodeDeployment, encodeDeployment } from '#nips/service'
import { hostsOf } from '../hosts.ts'
import { limitsOf } from '../limits.ts'
import { createRelay } from '../relay.ts'
import { type Served, serve } from '../serve.ts'
import { settings } from '../settings.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { inlineVerifier } from '../verify/verifier.ts'
import { type TestClock, testClock } from './clock.ts'
import { type Person, person } from './events.ts'
import { type Client, connect } from './wire.ts'

/** A relay on a port of its own, with its clock in the test's hand. */
export type TestRelay = {
  readonly url: string
  readonly http: string
  readonly clock: TestClock
  /** The key that may write service kinds. */
  readonly service: Person
  /** Who runs it. */
  readonly operator: Person
  /** The relay's own public key. */
  readonly self: string
  readonly store: Store
  /** Another person, whose clock is the relay's. */
  person(): Person
  /** A client that has connected, and signed in with the given keys. */
  client(...people: Person[]): Promise<Client>
  close(): Promise<void>
}

export type Options = {
  env?: Record<string, string>
  store?: Store
  verify?: Verify
  defer?: (task: () => void) => void
  /** The relay's own key. */
  self?: Person
}

export async function serveRelay({
  env = {},
  store = openSqliteStore(':memory:'),
  verify = verifySchnorr,
  self = person(),
  ...more
}: Options = {}): Promise<TestRelay> {
  const clock = testClock()
  const values = readSettings(settings, env)
  const limits = limitsOf(values)
  const [operator, service] = [person(clock.now), person(clock.now)]
  const list = operator.sign(encodeDeployment(new Map([[service.pubkey, 'service']]), clock.now()))
  let served: Served | undefined
  const relay = createRelay({
    store,
    clock,
    limits: () => limits,
    verifier: inlineVerifier('test', verify),
    about: { name: 'test', version: '0', self: self.pubkey, operator: operator.pubkey },
    sign: self.sign,
    admins: values.admins,
    deployment: decodeDeployment(SignedEvent.open(list)),
    hosts: () => hostsOf({ urls: values.urls, host: '127.0.0.1', port: served?.port ?? 0 }),
    newChallenge: () => crypto.randomUUID(),
    defer: setImmediate,
    log: silentLog,
    ...more,
  })
  await relay.open()
  served = await serve({ relay, host: '127.0.0.1', port: 0, clock, log: silentLog, realIpHeader: '' })
  const { port, close } = served
  const url = `ws://127.0.0.1:${port}`
  const clients: Client[] = []
  return {
    url,
    http: `http://127.0.0.1:${port}`,
    clock,
    service,
    operator,
    self: self.pubkey,
    store,
    person: () => person(clock.now),
    async client(...people) {
      const client = await connect(url)
      clients.push(client)
      for (const one of people) await client.signIn(one)
      return client
    },
    async close() {
      for (const client of clients) client.socket.terminate()
      await close()
      await relay.close()
    },
  }
}
