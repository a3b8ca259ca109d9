import { createBatch } from './batch.ts'
import { createGovernance, type Governance } from './governance.ts'
import { createIngest } from './ingest.ts'
import type { Logging } from './logging.ts'
import { createMetrics, measured } from './metrics.ts'
import { createReconciliations } from './negentropy/reconciliations.ts'
import type { Judging } from './policies/index.ts'
import { type Admission, createAdmission } from './rates/admission.ts'
import type { RelayDeps } from './relay.ts'
import type { Session } from './session.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Engine } from './verbs/verb.ts'
import type { Claim } from './verify/verifier.ts'
import { createWriter, type Writer } from './writer.ts'

/** Most signatures of one batch. */
const SIGNATURES = 512

type Built = { engine: Engine; writer: Writer; governance: Governance }

/** What the verbs work with, and behind it the writer and whoever has a say. */
export function createEngine(deps: RelayDeps, { refused }: Pick<Logging, 'refused'>): Built {
  const { store, clock, limits, hosts, verifier, defer } = deps
  const metrics = createMetrics()
  const subscriptions = createSubscriptions({ maxHeld: () => limits().maxPending, metrics })
  const signatures = createBatch<Claim, boolean>({ most: SIGNATURES, defer, run: verifier.verify })
  const writer = createWriter({
    store: { ...store, put: measured(store.put, metrics, clock.millis) },
    defer,
    onStored: ({ event, json }, seq) => governance.hear(event, () => subscriptions.broadcast(event, json, seq)),
  })
  const breathe = () => new Promise<void>(defer)
  const admission = createAdmission(deps)
  const { rates } = admission
  const governance = createGovernance({ ...deps, put: writer.put, signed: signatures.add, rates, breathe })
  const ingest = createIngest({
    signatures,
    writer,
    subscriptions,
    ...governance,
    judging: judgedBy(deps, governance, admission),
    taken: admission.taken,
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
    readerFor: governance.readerFor,
    members: governance.members,
    store,
    ingest,
    subscriptions,
    rates,
    reconciliations: createReconciliations(),
    hosts,
    breathe,
  }
  return { engine, writer, governance }
}

/** What the policies go by: made once for each client, true at the moment it is asked. */
function judgedBy(deps: RelayDeps, governance: Governance, admission: Admission): (session: Session) => Judging {
  const known = new WeakMap<Session, Judging>()
  return (session) => {
    const judging = known.get(session) ?? judgingOf(session, { deps, governance, admission })
    known.set(session, judging)
    return judging
  }
}

type Sources = { deps: RelayDeps; governance: Governance; admission: Admission }

const judgingOf = (session: Session, { deps, governance, admission }: Sources): Judging => ({
  get now() {
    return deps.clock.now()
  },
  get reader() {
    return session.reader()
  },
  remote: session.remote,
  get limits() {
    return deps.limits()
  },
  deployment: deps.deployment,
  isAdmin: governance.isAdmin,
  groups: governance.groups,
  rules: governance.rules,
  members: governance.members,
  get hosts() {
    return deps.hosts()
  },
  rates: admission.rates,
  usages: admission.usages,
  get diskIsFull() {
    return deps.diskIsFull?.() ?? false
  },
  find: deps.store.get,
  get plugin() {
    return deps.plugin
  },
})
