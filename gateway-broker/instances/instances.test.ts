import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { InstanceState } from '#nips/instance'
import { systemClock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { silentLog } from '#nips/kit/log'
import { tempDirectory } from '#tests/support/temp'
import { until } from '#tests/support/wait'
import { openBrokerStore } from '../store/sqlite.ts'
import { Instances } from './instances.ts'
import type { Live, Start } from './start.ts'

const ID = 'a'.repeat(16)
const never = new AbortController().signal

type Fake = { lose: (reason: string) => void; stopped: boolean; start: Start }

/** Instances whose gateways are promises that a test keeps or breaks. */
function setUp(begin: (start: Start) => Promise<void> = async () => undefined, store = openBrokerStore(':memory:')) {
  const base = tempDirectory()
  const fakes: Fake[] = []
  const start = async (given: Start): Promise<Live> => {
    mkdirSync(given.home.home, { recursive: true })
    await begin(given)
    const fake: Fake = { lose: () => undefined, stopped: false, start: given }
    fakes.push(fake)
    const lost = new Promise<string>((resolve) => {
      fake.lose = resolve
    })
    const stop = async () => {
      fake.stopped = true
    }
    return { incarnation: given.incarnation, since: 1, lost, stop } as unknown as Live
  }
  const roots = { instances: join(base, 'i'), sockets: join(base, 's') }
  const clock = { ...systemClock(), sleep: () => Promise.resolve() }
  const instances = new Instances({ store, roots, start, clock, log: silentLog })
  const states: InstanceState[] = []
  instances.onChange(({ state }) => states.push(state))
  return { instances, store, fakes, states, home: join(roots.instances, ID) }
}

const add = (store: ReturnType<typeof openBrokerStore>, id = ID, slug = 'openclaw') =>
  store.addInstance({ id, owner: 'owner', slug, createdAt: 1 })

describe('instances', () => {
  test('become ready only when the start says so, and count their starts', async () => {
    const { instances, store, states } = setUp()
    add(store)
    await instances.bring(ID, () => undefined, never)
    expect(states).toEqual(['starting', 'ready'])
    expect(store.instance(ID)).toMatchObject({ state: 'ready', incarnation: 1 })
  })

  test('start one after the other', async () => {
    let running = 0
    let most = 0
    const { instances, store } = setUp(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    })
    const ids = ['1', '2', '3'].map((digit) => digit.repeat(16))
    for (const id of ids) add(store, id, `n${id[0]}`)
    await Promise.all(ids.map((id) => instances.bring(id, () => undefined, never)))
    expect(most).toBe(1)
  })

  test('come back by themselves when the gateway goes away, with the reason shown meanwhile', async () => {
    const { instances, store, fakes, states } = setUp()
    add(store)
    await instances.bring(ID, () => undefined, never)
    fakes[0]?.lose('it ended (SIGKILL)')
    await until('a second start', () => store.instance(ID)?.incarnation === 2 && store.instance(ID)?.state === 'ready')
    expect(states).toEqual(['starting', 'ready', 'restarting', 'restarting', 'ready'])
    expect(fakes[0]?.stopped).toBe(true)
  })

  test('are tried again until they start', async () => {
    let attempts = 0
    const { instances, store, fakes } = setUp(async () => {
      attempts += 1
      if (attempts === 2 || attempts === 3) throw new Fault('not-ready', 'not yet')
    })
    add(store)
    await instances.bring(ID, () => undefined, never)
    fakes[0]?.lose('gone')
    await until('it is ready again', () => attempts === 4 && store.instance(ID)?.state === 'ready')
  })

  test('let whoever waits have the gateway once it is ready', async () => {
    const { instances, store } = setUp()
    add(store)
    const waiting = instances.ready(ID, never)
    const live = await instances.bring(ID, () => undefined, never)
    expect(await waiting).toBe(live)
  })

  test.each([
    { says: 'no instance of that name', state: undefined, why: 'no such instance' },
    { says: 'a deleted one', state: 'deleted', why: 'no such instance' },
    { says: 'a failed one, with its reason', state: 'failed', why: 'model-auth: bad key' },
  ] as const)('refuse to wait for $says', async ({ state, why }) => {
    const { instances, store } = setUp()
    if (state) {
      add(store)
      store.changeInstance(ID, { state, reason: 'model-auth: bad key' })
    }
    await expect(instances.ready(ID, never)).rejects.toThrow(why)
  })

  test('leave nothing when they are removed: no gateway, no files, and a row that never comes back', async () => {
    const { instances, store, fakes, states, home } = setUp()
    add(store)
    await instances.bring(ID, () => undefined, never)
    await instances.remove(ID, () => undefined)
    expect([fakes[0]?.stopped, existsSync(home), instances.live(ID)]).toEqual([true, false, undefined])
    expect(states.slice(-2)).toEqual(['deleting', 'deleted'])
    await expect(instances.bring(ID, () => undefined, never)).rejects.toThrow('no such instance')
    expect(store.changeInstance(ID, { state: 'ready' })).toBeUndefined()
  })

  test('can be removed in the middle of a start, and the start is undone', async () => {
    const { instances, store, home } = setUp(
      ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    add(store)
    const starting = expect(instances.bring(ID, () => undefined, never)).rejects.toThrow('deleted')
    await until('it starts', () => store.instance(ID)?.state === 'starting')
    await instances.remove(ID, () => undefined)
    await starting
    expect([store.instance(ID)?.state, existsSync(home)]).toEqual(['deleted', false])
  })

  test('that were lost while being deleted do not come back', async () => {
    const { instances, store, fakes } = setUp()
    add(store)
    await instances.bring(ID, () => undefined, never)
    const removing = instances.remove(ID, () => undefined)
    fakes[0]?.lose('it ended')
    await removing
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([fakes.length, store.instance(ID)?.state]).toEqual([1, 'deleted'])
  })

  test('that ran when the broker ended run again, half-deleted ones are deleted, failed ones stay', async () => {
    const store = openBrokerStore(':memory:')
    const ids = { ready: '1'.repeat(16), deleting: '2'.repeat(16), failed: '3'.repeat(16) } as const
    for (const [state, id] of Object.entries(ids)) {
      add(store, id, state)
      store.changeInstance(id, { state: state as InstanceState })
    }
    const { instances, fakes } = setUp(undefined, store)
    await instances.resume()
    await until('the ready one runs', () => instances.live(ids.ready))
    expect(fakes.map(({ start }) => start.id)).toEqual([ids.ready])
    expect([store.instance(ids.deleting)?.state, store.instance(ids.failed)?.state]).toEqual(['deleted', 'failed'])
  })

  test('keep their rows when the broker closes, and end their gateways', async () => {
    const { instances, store, fakes } = setUp()
    add(store)
    await instances.bring(ID, () => undefined, never)
    await instances.close()
    fakes[0]?.lose('it was stopped')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([fakes.length, fakes[0]?.stopped, store.instance(ID)?.state]).toEqual([1, true, 'ready'])
  })
})
