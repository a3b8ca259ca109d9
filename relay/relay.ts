import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Deployment } from '#nips/service'
import { createBatch } from './batch.ts'
import { type Connection, createConnection, type Socket } from './connection.ts'
import { createGroups, type Groups } from './groups/groups.ts'
import type { Sign } from './groups/speaker.ts'
import { type About, type RelayInfo, relayInfo } from './info.ts'
import { createIngest } from './ingest.ts'
import type { Limits } from './limits.ts'
import { createMetrics, type Metrics } from './metrics.ts'
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
  /** Signs with the relay's own key, the one `about.self` names. */
  sign: Sign
  /** Keys that may run the relay beside the operator. */
  admins: readonly string[]
  log: Log
}

export type Relay = {
  readonly info: RelayInfo
  readonly limits: Limits
  readonly metrics: Metrics
  /** Reads what it has to know before the first client comes. */
  open(): Promise<void>
  connect(socket: Socket, remote: string): Connection
  /** Resolves when every event that was taken is written, then closes the store. Call it when no client is left. */
  close(): Promise<void>
}

/** Milliseconds between two looks for what has expired; readers do not see it from its own second on. */
const SWEEP = 10_000
/** Most signatures of one batch. */
const SIGNATURES = 512

/** The whole relay except the network: it listens nowhere. */
export function createRelay(deps: RelayDeps): Relay {
  const { store, clock, limits, hosts, verifier, defer, log } = deps
  const metrics = createMetrics()
  const subscriptions = createSubscriptions(limits().maxPending)
  const reconciliations = createReconciliations()
  const signatures = createBatch<Claim, boolean>({ most: SIGNATURES, defer, run: verifier.verify })
  const writer = createWriter({
    store,
    defer,
    onStored: ({ event, json }, seq) => groups.hear(event, () => subscriptions.broadcast(event, json, seq)),
  })
  const breathe = () => new Promise<void>(defer)
  const groups = createGroups({ ...deps, put: writer.put, self: deps.about.self, breathe })
  const ingest = createIngest({
    signatures,
    writer,
    subscriptions,
    groups,
    judging: judgingOf(deps, groups),
  })
  const engine: Engine = {
    clock,
    get limits() {
      return limits()
    },
    metrics,
    signed: signatures.add,
    readerFor: (keys) => ({ keys, hidden: groups.hiddenFrom(keys) }),
    store,
    ingest,
    subscriptions,
    reconciliations,
    hosts,
    breathe,
  }
  const stopSweeping = clock.every(SWEEP, () => {
    reconciliations.sweep(clock.now())
    store.sweep(clock.now()).catch((error: unknown) => log('sweep.failed', { cause: error }))
    void groups.retry()
  })

  return {
    get info() {
      return relayInfo(deps.about, limits())
    },
    get limits() {
      return limits()
    },
    metrics,
    open: groups.open,
    connect: (socket, remote) => createConnection({ socket, remote, challenge: deps.newChallenge(), engine, log }),
    async close() {
      stopSweeping()
      await groups.settled()
      await writer.idle()
      await verifier.close()
      store.close()
    },
  }
}

/** What the policies go by, asked anew for each event. */
function judgingOf(deps: RelayDeps, groups: Groups): (session: Session) => Judging {
  const { clock, limits, deployment, hosts, store, about, admins } = deps
  const isAdmin = (pubkey: string) => pubkey === about.operator || admins.includes(pubkey)
  return ({ reader, remote }) => ({
    now: clock.now(),
    reader: reader(),
    remote,
    limits: limits(),
    deployment,
    isAdmin,
    groups,
    hosts: hosts(),
    find: store.get,
  })
}
