import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Deployment } from '#nips/service'
import { createBatch } from './batch.ts'
import { type Connection, createConnection } from './connection.ts'
import { createFollow } from './follow.ts'
import { type About, type RelayInfo, relayInfo } from './info.ts'
import { createIngest } from './ingest.ts'
import type { Limits } from './limits.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createReconciliations } from './negentropy/reconciliations.ts'
import { createPost, type Socket } from './outbox.ts'
import type { Store } from './store/store.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Engine } from './verbs/verb.ts'
import type { Claim, Verifier } from './verify/verifier.ts'
import { createWriter, type Writer } from './writer.ts'

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
  /** When that is sent which was gathered for the clients; absent: as `defer` says. */
  sendAt?: (task: () => void) => void
  verifier: Verifier
  log: Log
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
/** Milliseconds between two looks for what other processes have stored. */
const FOLLOW = 100
/** Most signatures of one batch. */
const SIGNATURES = 512

/** The whole relay except the network: it listens nowhere. */
export function createRelay(deps: RelayDeps): Relay {
  const { store, clock, limits, verifier, defer, log } = deps
  const { engine, writer } = createEngine(deps)
  const post = createPost({ clock, maxPending: () => limits().maxPending, defer: deps.sendAt ?? defer })
  const stopSweeping = clock.every(SWEEP, () => {
    engine.reconciliations.sweep(clock.now())
    store.sweep(clock.now()).catch((error: unknown) => log('sweep.failed', { cause: error }))
  })

  const follow = createFollow({
    store,
    onStored: (event, { json, seq }) => engine.subscriptions.broadcast(event, json, seq),
  })
  const stopFollowing = clock.every(FOLLOW, () => {
    follow().catch((error: unknown) => log('follow.failed', { cause: error }))
  })

  return {
    get info() {
      return relayInfo(deps.about, limits())
    },
    get limits() {
      return limits()
    },
    metrics: engine.metrics,
    connect: (socket, remote) =>
      createConnection({ socket, remote, challenge: deps.newChallenge(), engine, post, log }),
    async close() {
      stopSweeping()
      stopFollowing()
      post.close()
      await writer.idle()
      await verifier.close()
      await store.close()
    },
  }
}

/** What the verbs work with, and the writer behind it. */
function createEngine(deps: RelayDeps): { engine: Engine; writer: Writer } {
  const { store, clock, limits, hosts, verifier, defer } = deps
  const metrics = createMetrics()
  const subscriptions = createSubscriptions({ maxHeld: () => limits().maxPending, metrics })
  const signatures = createBatch<Claim, boolean>({ most: SIGNATURES, defer, run: verifier.verify })
  const writer = createWriter({
    store,
    defer,
    onStored: ({ event, json }, seq) => subscriptions.broadcast(event, json, seq),
  })
  const ingest = createIngest({
    signatures,
    writer,
    subscriptions,
    judging: (session) => ({
      now: clock.now(),
      reader: session.reader(),
      remote: session.remote,
      limits: limits(),
      deployment: deps.deployment,
      hosts: hosts(),
      find: store.get,
    }),
  })
  const engine: Engine = {
    clock,
    get limits() {
      return limits()
    },
    metrics,
    signed: signatures.add,
    readerFor: (keys) => ({ keys, hidden: nothing }),
    readersVersion: () => 0,
    store,
    ingest,
    subscriptions,
    reconciliations: createReconciliations(),
    hosts,
    breathe: () => new Promise<void>(defer),
  }
  return { engine, writer }
}
