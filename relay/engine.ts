import { createBatch } from './batch.ts'
import { createIngest } from './ingest.ts'
import type { Logging } from './logging.ts'
import { createMetrics, measured } from './metrics.ts'
import { createReconciliations } from './negentropy/reconciliations.ts'
import type { Judging } from './policies/index.ts'
import type { RelayDeps } from './relay.ts'
import type { Session } from './session.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Engine } from './verbs/verb.ts'
import type { Claim } from './verify/verifier.ts'
import { createWriter, type Writer } from './writer.ts'

const nothing: ReadonlySet<string> = new Set()

/** Most signatures of one batch. */
const SIGNATURES = 512

/** What the verbs work with, and the writer behind it. */
export function createEngine(
  deps: RelayDeps,
  { refused }: Pick<Logging, 'refused'>,
): { engine: Engine; writer: Writer } {
  const { store, clock, limits, hosts, verifier, defer } = deps
  const metrics = createMetrics()
  const subscriptions = createSubscriptions({ maxHeld: () => limits().maxPending, metrics })
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
    judging: (session) => judgingOf(deps, session),
    metrics,
    onRefused: refused,
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

/** What the policies go by, asked anew for each event. */
const judgingOf = ({ store, clock, limits, hosts, deployment, plugin }: RelayDeps, session: Session): Judging => ({
  now: clock.now(),
  reader: session.reader(),
  remote: session.remote,
  limits: limits(),
  deployment,
  hosts: hosts(),
  find: store.get,
  plugin,
})
