import { instanceIdOf } from '#nips/instance'
import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Instances } from '../instances/instances.ts'
import type { OpenClawRuntime } from '../openclaw/runtime.ts'
import type { BrokerStore, InstanceRow } from '../store/store.ts'
import type { Asked, Context, Operation } from './operation.ts'

export type Capacity = {
  perOwner: number
  total: number
  /** Whether gateways of different owners may run beside each other. */
  shared: boolean
}

export type ProvisionDeps = {
  store: BrokerStore
  instances: Instances
  runtime: OpenClawRuntime
  clock: Clock
  capacity: Capacity
  driver: string
}

const counts = (row: InstanceRow): boolean => !['deleted', 'failed', 'deleting'].includes(row.state)

export const provision = (deps: ProvisionDeps): Operation<'instance.provision'> => ({
  afterCrash: 'again',
  reserve(asked) {
    requireRoom(deps, asked)
    for (const row of deps.store.instancesOf(asked.owner))
      if (row.state === 'failed') deps.store.changeInstance(row.id, { state: 'deleted' })
    deps.store.addInstance({
      id: instanceIdOf(asked.job),
      owner: asked.owner,
      slug: asked.input.slug,
      createdAt: deps.clock.now(),
    })
  },
  async run({ slug }, context) {
    const id = instanceIdOf(context.job)
    const started = deps.clock.millis()
    for (const row of deps.store.instancesOf(context.owner)) deps.instances.announce(row.id)
    try {
      const live = await bring(deps, id, context)
      return {
        instance: id,
        slug,
        version: deps.runtime.state.version,
        model: live.model,
        driver: deps.driver,
        seconds: Math.round((deps.clock.millis() - started) / 100) / 10,
      }
    } catch (thrown) {
      const fault = toFault(thrown)
      if (fault.code === 'cancelled') await deps.instances.remove(id, context.phase)
      else if (fault.code !== 'interrupted') await deps.instances.fail(id, fault)
      throw fault
    }
  },
})

async function bring({ instances, runtime }: ProvisionDeps, id: string, context: Context) {
  context.phase('reserving')
  if (runtime.state.state !== 'ready') {
    context.phase('installing')
    await runtime.ready((progress) => context.step('installing', progress), context.signal)
  }
  return instances.live(id) ?? (await instances.bring(id, context.phase, context.signal))
}

/** Refuses with a reason: the name is taken, the owner or the machine has enough, or owners may not share it. */
function requireRoom({ store, capacity, driver }: ProvisionDeps, { owner, input }: Asked<'instance.provision'>): void {
  const all = store.instances().filter(counts)
  const own = all.filter((row) => row.owner === owner)
  const named = own.find((row) => row.slug === input.slug)
  if (named) throw new Fault('conflict', `you already have a gateway called ${input.slug} (${named.state})`)
  if (own.length >= capacity.perOwner)
    throw new Fault('conflict', `you have ${own.length} of ${capacity.perOwner} gateways`)
  if (!capacity.shared && all.some((row) => row.owner !== owner))
    throw new Fault('unauthorized', `the ${driver} sandbox keeps nothing apart, so this machine serves one owner only`)
  if (all.length >= capacity.total)
    throw new Fault('unavailable', `this machine is full: ${all.length} of ${capacity.total} gateways`)
}
