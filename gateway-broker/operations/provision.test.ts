import { describe, expect, test } from 'vitest'
import { instanceIdOf } from '#nips/instance'
import { systemClock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { silentLog } from '#nips/kit/log'
import { tempDirectory } from '#tests/support/temp'
import { Instances } from '../instances/instances.ts'
import type { Live } from '../instances/start.ts'
import { OpenClawRuntime } from '../openclaw/runtime.ts'
import { openBrokerStore } from '../store/sqlite.ts'
import type { Context } from './operation.ts'
import { type Capacity, provision } from './provision.ts'

const clock = systemClock()
const [job, owner] = ['1'.repeat(64), 'a'.repeat(64)]

type Options = {
  capacity?: Partial<Capacity>
  start?: () => Promise<Live>
  install?: (tell: (progress: number) => void) => Promise<void>
  installed?: boolean
}

function setUp({ capacity, start, install, installed = true }: Options = {}) {
  const store = openBrokerStore(':memory:')
  const base = tempDirectory()
  const live = { model: 'm', lost: new Promise(() => undefined), stop: async () => undefined } as unknown as Live
  const instances = new Instances({
    store,
    roots: { instances: `${base}/i`, sockets: `${base}/s` },
    start: start ?? (async () => live),
    clock,
    log: silentLog,
  })
  const runtime = new OpenClawRuntime({
    version: '1.2.3',
    directory: base,
    isInstalled: () => installed,
    install: install ?? (async () => undefined),
    clock,
    log: silentLog,
  })
  const room = { perOwner: 1, total: 10, shared: true, ...capacity }
  const operation = provision({ store, instances, runtime, clock, capacity: room, driver: 'bwrap' })
  const reserve = (given: Partial<{ job: string; owner: string; slug: string }> = {}) =>
    operation.reserve?.({
      job: given.job ?? job,
      owner: given.owner ?? owner,
      input: { slug: given.slug ?? 'openclaw' },
    })
  const phases: string[] = []
  const context: Context = {
    job,
    owner,
    signal: new AbortController().signal,
    phase: (name) => phases.push(name),
    step: (phase, progress) => phases.push(`${phase} ${progress}`),
    text: () => undefined,
  }
  return { store, operation, reserve, context, phases, runtime }
}

describe('provisioning', () => {
  test('makes the instance that follows from the job and reports what runs', async () => {
    const { operation, reserve, context, store } = setUp()
    reserve()
    const output = await operation.run({ slug: 'openclaw' }, context)
    expect(output).toMatchObject({
      instance: instanceIdOf(job),
      slug: 'openclaw',
      version: '1.2.3',
      model: 'm',
      driver: 'bwrap',
    })
    expect(store.instance(instanceIdOf(job))).toMatchObject({ state: 'ready', owner })
  })

  test.each([
    {
      says: 'a name the owner uses already',
      first: {},
      second: { slug: 'openclaw' },
      capacity: { perOwner: 5 },
      why: 'already have a gateway called openclaw',
    },
    {
      says: 'more than the owner may have',
      first: {},
      second: { slug: 'other' },
      capacity: {},
      why: 'you have 1 of 1 gateways',
    },
    {
      says: 'more than the machine holds',
      first: {},
      second: { owner: 'b'.repeat(64) },
      capacity: { total: 1 },
      why: 'this machine is full: 1 of 1',
    },
    {
      says: 'a second owner where nothing keeps them apart',
      first: {},
      second: { owner: 'b'.repeat(64) },
      capacity: { shared: false },
      why: 'one owner only',
    },
  ])('refuses $says, with the reason, and reserves nothing', ({ first, second, capacity, why }) => {
    const { reserve, store } = setUp({ capacity })
    reserve(first)
    expect(() => reserve({ job: '2'.repeat(64), ...second })).toThrow(why)
    expect(store.instances()).toHaveLength(1)
  })

  test('lets two owners use the same name', () => {
    const { reserve, store } = setUp()
    reserve()
    reserve({ job: '2'.repeat(64), owner: 'b'.repeat(64) })
    expect(store.instances().map((row) => row.slug)).toEqual(['openclaw', 'openclaw'])
  })

  test('waits for OpenClaw to be installed, and tells how far it is', async () => {
    const { operation, reserve, context, phases, runtime } = setUp({
      installed: false,
      install: async (tell) => {
        tell(0.5)
        await new Promise((resolve) => setImmediate(resolve))
      },
    })
    reserve()
    const running = operation.run({ slug: 'openclaw' }, context)
    await runtime.keepTrying(new AbortController().signal)
    expect(await running).toMatchObject({ slug: 'openclaw' })
    expect(phases).toEqual(expect.arrayContaining(['reserving', 'installing', 'installing 0.5']))
  })

  test('ends with the reason when OpenClaw cannot be installed, and frees the place', async () => {
    const { operation, reserve, context, store, runtime } = setUp({
      installed: false,
      install: async () => {
        throw new Fault('unavailable', 'it could not be downloaded')
      },
    })
    reserve()
    const running = expect(operation.run({ slug: 'openclaw' }, context)).rejects.toThrow('it could not be downloaded')
    const leaving = new AbortController()
    void runtime.keepTrying(leaving.signal)
    await running
    leaving.abort()
    expect(store.instance(instanceIdOf(job))).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('downloaded'),
    })
    expect(() => reserve({ job: '2'.repeat(64) })).not.toThrow()
  })

  test('names the fault a start ended with, and lets the owner try again with the same name', async () => {
    const { operation, reserve, context, store } = setUp({
      start: async () => {
        throw new Fault('model-auth', 'the provider refused the key')
      },
    })
    reserve()
    await expect(operation.run({ slug: 'openclaw' }, context)).rejects.toMatchObject({ code: 'model-auth' })
    expect(store.instance(instanceIdOf(job))).toMatchObject({
      state: 'failed',
      reason: 'model-auth: the provider refused the key',
    })
    reserve({ job: '2'.repeat(64) })
    expect(store.instance(instanceIdOf(job))?.state).toBe('deleted')
  })
})
