import { SignedEvent } from '#nips/event'
import { type Verify, verifySchnorr } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { readSettings } from '#nips/kit/settings'
import { decodeDeployment, encodeDeployment } from '#nips/service'
import { hostsOf } from '../hosts.ts'
import { limitsOf } from '../limits.ts'
import type { Metrics } from '../metrics.ts'
import { createRelay, type RelayDeps } from '../relay.ts'
import { serve } from '../server/serve.ts'
import type { Served } from '../server/server.ts'
import { settings } from '../settings.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { inlineVerifier } from '../verify/verifier.ts'
import { type TestClock, testClock } from './clock.ts'
import { type Person, person } from './events.ts'
import { guestsOf } from './guests.ts'
import type { Client } from './wire.ts'

/** A relay on a port of its own, in this process or in another one. */
export type RelayAtUrl = {
  readonly url: string
  readonly http: string
  /** Moves the relay's time and runs everything that repeats once. */
  advance(seconds: number): Promise<void>
  /** Another person, whose clock is the relay's. */
  person(): Person
  /** A client that has connected, and signed in with the given keys. */
  client(...people: Person[]): Promise<Client>
  /** Stops the relay, its clients being there still. */
  stop(): Promise<void>
  close(): Promise<void>
}

/** A relay in this process, with its clock in the test's hand. */
export type TestRelay = RelayAtUrl & {
  readonly clock: TestClock
  /** The key that may write service kinds. */
  readonly service: Person
  readonly metrics: Metrics
  /** Who runs it. */
  readonly operator: Person
  /** The relay's own public key. */
  readonly self: string
  readonly store: Store
}

export type Options = {
  env?: Record<string, string>
  store?: Store
  verify?: Verify
  defer?: (task: () => void) => void
  /** The relay's own key. */
  self?: Person
} & Pick<RelayDeps, 'diskIsFull' | 'plugin' | 'switches'> &
  Partial<Pick<RelayDeps, 'log'>>

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
  const { realIpHeader, compression, reusePort } = values
  served = await serve({
    relay,
    host: '127.0.0.1',
    port: 0,
    clock,
    log: silentLog,
    realIpHeader,
    compression,
    reusePort,
  })
  const { port, close } = served
  const url = `ws://127.0.0.1:${port}`
  const guests = guestsOf(url)
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= close().then(relay.close)
    return stopped
  }
  return {
    url,
    http: `http://127.0.0.1:${port}`,
    clock,
    advance: async (seconds) => clock.advance(seconds),
    service,
    operator,
    self: self.pubkey,
    store,
    metrics: relay.metrics,
    person: () => person(clock.now),
    client: guests.client,
    stop,
    async close() {
      guests.dismiss()
      await stop()
    },
  }
}
