import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Values } from '#nips/kit/settings'
import type { Deployment, Health } from '#nips/service'
import { createBroker } from './app.ts'
import { discoveryOf } from './discovery.ts'
import { Instances } from './instances/instances.ts'
import { startGateway } from './instances/start.ts'
import { modelAccess } from './model-access.ts'
import type { Provider } from './models/provider.ts'
import type { OpenClawRuntime } from './openclaw/runtime.ts'
import { Desk } from './operations/desk.ts'
import { createOperations } from './operations/index.ts'
import type { PageFiles } from './routes/page.ts'
import { isolates } from './sandbox/driver.ts'
import { type ChosenDriver, describeGuarantees } from './sandbox/index.ts'
import type { settings } from './settings.ts'
import { showInstance } from './show.ts'
import type { BrokerStore } from './store/store.ts'

export type Parts = {
  values: Values<typeof settings>
  store: BrokerStore
  runtime: OpenClawRuntime
  provider: Provider
  chosen: ChosenDriver
  deployment: Deployment
  files: PageFiles
  /** The address under which workers call it, as they sign it. */
  origin: string
  /** A short directory for unix sockets. */
  sockets: string
  /** Bytes of memory of this machine. */
  memory: number
  version: string
  clock: Clock
  log: Log
}

export type Assembled = {
  app: Hono
  /** Brings back what ran before, and goes on with the jobs that were underway. */
  resume: () => Promise<void>
  close: () => Promise<void>
}

/** Bytes one gateway takes, with headroom (openclaw.md §10). */
const PER_GATEWAY = 1_200_000_000

/** Puts a broker together from its parts; it listens nowhere. */
export function assembleBroker(parts: Parts): Assembled {
  const { values, store, runtime, provider, chosen, clock, log } = parts
  const roots = { instances: join(values.data, 'instances'), sockets: parts.sockets }
  const startDeps = {
    driver: chosen.driver,
    runtime: runtime.directory,
    clock,
    modelAccess: modelAccess({
      provider,
      clock,
      log,
      firstByteSeconds: values.modelFirstByteSeconds,
      stallSeconds: values.modelStallSeconds,
    }),
  }
  const instances = new Instances({ store, roots, start: (start) => startGateway(startDeps, start), clock, log })
  const model = { model: provider.model, offline: provider.offline }
  const show = showInstance({
    version: () => runtime.state.version,
    model: () => model,
    driver: chosen.driver.name,
    since: (id) => instances.live(id)?.since,
  })
  const capacity = {
    perOwner: values.perOwner,
    total: values.total || Math.max(1, Math.floor(parts.memory / PER_GATEWAY)),
    shared: isolates(chosen.keeps) || values.shareUnisolated,
  }
  const operations = createOperations({ store, instances, runtime, clock, capacity, driver: chosen.driver.name, show })
  const desk = new Desk({ store, clock, log, operations })
  const app = createBroker({
    auth: { origin: parts.origin, store, clock },
    deployment: parts.deployment,
    desk,
    instances,
    runtime,
    show,
    health: () => healthOf(parts),
    discovery: discoveryOf({
      ...parts,
      publicUrl: values.publicUrl,
      relay: values.publicRelay,
      perOwner: values.perOwner,
    }),
    files: parts.files,
    clock,
    log,
  })
  return {
    app,
    resume: async () => {
      desk.resume()
      await instances.resume()
    },
    close: async () => {
      desk.close()
      await instances.close()
    },
  }
}

const healthOf = ({ runtime, provider, chosen }: Parts): Health => ({
  openclaw: runtime.state,
  model: { name: provider.model, label: provider.label, offline: provider.offline },
  driver: { name: chosen.driver.name, ...describeGuarantees(chosen.keeps), isolates: isolates(chosen.keeps) },
})
