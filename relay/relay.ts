import { type Verify, verifySchnorr } from '#nips/keys'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Deployment } from '#nips/service'
import { type Connection, createConnection, type Socket } from './connection.ts'
import { type About, type RelayInfo, relayInfo } from './info.ts'
import { createIngest } from './ingest.ts'
import type { Limits } from './limits.ts'
import type { Store } from './store/store.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Engine } from './verbs/verb.ts'
import { createWriter } from './writer.ts'

export type RelayDeps = {
  store: Store
  clock: Clock
  limits: Limits
  about: About
  /** The deployment's keys; without it kinds that only a service may write are refused. */
  deployment?: Deployment | undefined
  /** Host and port of every URL this relay is known by, asked when it matters: a port may be found out late. */
  hosts: () => readonly string[]
  /** A new challenge for a connection: unguessable and never the same. */
  newChallenge: () => string
  /** Runs a task soon, behind the network input that is ready now. */
  defer: (task: () => void) => void
  verify?: Verify
  log: Log
}

export type Relay = {
  readonly info: RelayInfo
  readonly limits: Limits
  connect(socket: Socket): Connection
  /** Resolves when every event that was taken is written, then closes the store. Call it when no client is left. */
  close(): Promise<void>
}

/** Milliseconds between two looks for what has expired; readers do not see it from its own second on. */
const SWEEP = 10_000

/** The whole relay except the network: it listens nowhere. */
export function createRelay(deps: RelayDeps): Relay {
  const { store, clock, limits, hosts, log, verify = verifySchnorr } = deps
  const subscriptions = createSubscriptions(limits.maxPending)
  const writer = createWriter({
    store,
    defer: deps.defer,
    onStored: ({ event, json }, seq) => subscriptions.broadcast(event, json, seq),
  })
  const ingest = createIngest({
    verify,
    writer,
    subscriptions,
    judging: (reader) => ({
      now: clock.now(),
      reader,
      limits,
      deployment: deps.deployment,
      hosts: hosts(),
      find: store.get,
    }),
  })
  const breathe = () => new Promise<void>(deps.defer)
  const engine: Engine = { clock, limits, verify, store, ingest, subscriptions, hosts, breathe }
  const stopSweeping = clock.every(SWEEP, () => {
    store.sweep(clock.now()).catch((error: unknown) => log('sweep.failed', { cause: error }))
  })

  return {
    info: relayInfo(deps.about, limits),
    limits,
    connect: (socket) => createConnection({ socket, challenge: deps.newChallenge(), engine, log }),
    async close() {
      stopSweeping()
      await writer.idle()
      store.close()
    },
  }
}
