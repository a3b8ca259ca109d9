import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Deployment } from '#nips/service'
import { createBatch } from './batch.ts'
import { type Connection, createConnection, type Socket } from './connection.ts'
import { type About, type RelayInfo, relayInfo } from './info.ts'
import { createIngest } from './ingest.ts'
import type { Limits } from './limits.ts'
import { createLogging, type LogSwitches } from './logging.ts'
import { createMetrics, type Metrics, measured } from './metrics.ts'
import { createReconciliations } from './negentropy/reconciliations.ts'
import type { Judging } from './policies/index.ts'
import type { Session } from './session.ts'
import type { Store } from './store/store.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Engine } from './verbs/verb.ts'
import type { Claim, Verifier } from './verify/verifier.ts'
import { createWriter } from './writer.ts'

export type RelayDeps = {
  store: Store
  clock: Clock
  /** Asked whenever one matters. */
  limits: () => Limits
  about: About
  /** The deployment's keys; without it kinds that only a service may write are refused. */
  deployment?: Deployment | undefined
  /** Host and port of every URL this relay is known by, asked when it matters: a port may be found out late. */
  hosts: () => readonly string[]
  /** A new challenge for a connection: unguessable and never the same. */
  newChallenge: () => string
  /** Runs a task soon, behind the network input that is ready now. */
  defer: (task: () => void) => void
  verifier: Verifier
  /** The operator's program that has the last word about an event. */
  plugin?: Judging['plugin']
  log: Log
  /** What is logged besides failures, asked whenever it matters. */
  switches?: () => LogSwitches
}

export type Relay = {
  readonly info: RelayInfo
  readonly limits: Limits
  readonly metrics: Metrics
  connect(socket: Socket, remote: string): Connection
  /** Resolves when every event that was taken is written, then closes the store. Call it when no client is left. */
  close(): Promise<void>
}

const nothing: ReadonlySet<string> = new Set()

/** Milliseconds between two looks for what has expired; readers do not see it from its own second on. */
const SWEEP = 10_000
/** Most signatures of one batch. */
const SIGNATURES = 512

/** The whole relay except the network: it listens nowhere. */
export function createRelay(deps: RelayDeps): Relay {
  const { store, clock, limits, hosts, verifier, defer, log } = deps
  const logging = createLogging(log, deps.switches)
  const metrics = createMetrics()
  const subscriptions = createSubscriptions(limits().maxPending)
  const reconciliations = createReconciliations()
  const signatures = createBatch<Claim, boolean>({ most: SIGNATURES, defer, run: verifier.verify })
  const writer = createWriter({
    store: { ...store, put: measured(store.put, metrics, clock.millis) },
    defer,
    onStored: ({ event, json }, seq) => subscriptions.broadcast(event, json, seq),
  })
  const ingest = createIngest({
    signatures,
    writer,
    subscriptions,
    judging: (session) => judgingFor(deps, session),
    metrics,
    onRefused: logging.refused,
  })
  const engine: Engine = {
    clock,
    get limits() {
      return limits()
    },
    metrics,
    signed: signatures.add,
    readerFor: (keys) => ({ keys, hidden: nothing }),
    store,
    ingest,
    subscriptions,
    reconciliations,
    hosts,
    breathe: () => new Promise<void>(defer),
  }
  const stopSweeping = sweepRegularly(deps, reconciliations.sweep)

  return {
    get info() {
      return relayInfo(deps.about, limits())
    },
    get limits() {
      return limits()
    },
    metrics,
    connect: (socket, remote) =>
      logging.overhear(createConnection({ socket, remote, challenge: deps.newChallenge(), engine, log }), remote),
    async close() {
      stopSweeping()
      await writer.idle()
      await verifier.close()
      store.close()
    },
  }
}

const judgingFor = ({ store, clock, limits, hosts, deployment, plugin }: RelayDeps, session: Session): Judging => ({
  now: clock.now(),
  reader: session.reader(),
  remote: session.remote,
  limits: limits(),
  deployment,
  hosts: hosts(),
  find: store.get,
  plugin,
})

const sweepRegularly = ({ store, clock, log }: RelayDeps, also: (now: number) => void): (() => void) =>
  clock.every(SWEEP, () => {
    also(clock.now())
    store.sweep(clock.now()).catch((error: unknown) => log('sweep.failed', { cause: error }))
  })
