import { describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { readSettings } from '#nips/kit/settings'
import { limitsOf } from './limits.ts'
import { PAUSE } from './outbox.ts'
import { createRelay, type Relay } from './relay.ts'
import { settings } from './settings.ts'
import { createMemoryStore } from './store/memory.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import { testClock } from './testing/clock.ts'
import { NOW, person, unsigned } from './testing/events.ts'
import { type Random, randomFrom } from './testing/random.ts'
import { inlineVerifier } from './verify/verifier.ts'

const ann = 'a'.repeat(64)
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A store that answers whenever it likes, before and after it has done what was asked. */
function unhurried(store: Store, random: Random): Store {
  const dawdle = async () => {
    for (let turns = random.whole(4); turns > 0; turns--) await turn()
  }
  return {
    ...store,
    async put(batch) {
      await dawdle()
      const results = await store.put(batch)
      await dawdle()
      return results
    },
    async read(read) {
      await dawdle()
      const page = await store.read(read)
      await dawdle()
      return page
    },
  }
}

const limits = limitsOf(readSettings(settings, {}))

const relayOver = (store: Store): Relay =>
  createRelay({
    store,
    clock: testClock(),
    limits: () => limits,
    about: { name: '', version: '', self: '' },
    hosts: () => [],
    newChallenge: () => '',
    defer: setImmediate,
    verifier: inlineVerifier('test', () => true),
    sign: person().sign,
    admins: [],
    log: silentLog,
  })

/** A client whose wire takes a moment; it notes everything it is told. */
function listenTo(relay: Relay, random: Random) {
  const heard: [verb: string, subscription: string, event: NostrEvent][] = []
  let waiting = 0
  const connection = relay.connect(
    {
      send(messages) {
        for (const message of messages) heard.push(JSON.parse(message))
        if (random.chance(0.5)) return
        waiting = 2 * PAUSE
        setImmediate(() => {
          waiting = 0
          connection.drained()
        })
      },
      waiting: () => waiting,
      pause: () => undefined,
      resume: () => undefined,
      destroy: () => undefined,
    },
    '127.0.0.1',
  )
  return { heard, connection }
}

async function interleave(seed: number): Promise<void> {
  const random = randomFrom(seed)
  const relay = relayOver(unhurried(random.chance(0.5) ? createMemoryStore() : openSqliteStore(':memory:'), random))
  const events = Array.from({ length: 140 }, (_, at) =>
    unsigned({
      pubkey: ann,
      content: String(at),
      created_at: NOW - random.whole(5),
      tags: [['t', random.pick(['x', 'y'])]],
    }),
  )
  const profiles = Array.from({ length: 8 }, (_, at) => unsigned({ pubkey: ann, kind: 0, created_at: NOW + at }))
  const publisher = listenTo(relay, random).connection
  const clients = Array.from({ length: 6 }, () => listenTo(relay, random))
  const filters = [{ kinds: [1] }, { '#t': ['x', 'y'] }, { authors: [ann], kinds: [0] }]
  const work = [
    ...[...events, ...profiles].map((event) => () => publisher.receive(JSON.stringify(['EVENT', event]))),
    ...clients.map(
      ({ connection }) =>
        () =>
          connection.receive(JSON.stringify(['REQ', 's', ...filters])),
    ),
  ]
    .map((task) => ({ task, at: random.whole(1000) }))
    .sort((a, b) => a.at - b.at)
  const running: Promise<void>[] = []
  for (const { task } of work) {
    running.push(task())
    if (random.chance(0.2)) await turn()
  }
  await Promise.all(running)
  await turn()
  for (const { heard } of clients) {
    const told = heard.filter(([verb]) => verb === 'EVENT').map(([, , event]) => event)
    const notes = told.filter(({ kind }) => kind === 1).map(({ id }) => id)
    expect(notes.toSorted()).toEqual(events.map(({ id }) => id).sort())
    expect(told.filter(({ kind }) => kind === 0).map(({ id }) => id)).toContain(profiles.at(-1)?.id)
    expect(heard.filter(([verb]) => verb === 'EOSE')).toHaveLength(1)
  }
  await relay.close()
}

const first = Math.floor(Math.random() * 2 ** 31)
describe('a subscription gets each event once, stored or live, however things interleave', () => {
  test.each(Array.from({ length: 60 }, (_, index) => first + index))('seed %i', interleave)
})

describe('a subscription', () => {
  const note = (content: string) => unsigned({ pubkey: ann, content })
  const random = randomFrom(1)
  const open = (store: Store = createMemoryStore()) => {
    const relay = relayOver(store)
    const { heard, connection } = listenTo(relay, random)
    const verbs = async () => {
      await turn()
      return heard.map(([verb, , event]) => (verb === 'EVENT' ? event.content : verb))
    }
    const say = (...message: unknown[]) => connection.receive(JSON.stringify(message))
    return { say, verbs, connection }
  }

  test('gets an event once, although several of its filters match, stored and live', async () => {
    const { say, verbs } = open()
    await say('EVENT', note('stored'))
    await say('REQ', 's', {}, { kinds: [1] }, { authors: [ann] })
    await say('EVENT', note('live'))
    expect(await verbs()).toEqual(['AUTH', 'OK', 'stored', 'EOSE', 'live', 'OK'])
  })

  test('with limit 0 gets only what is new', async () => {
    const { say, verbs } = open()
    await say('EVENT', note('stored'))
    await say('REQ', 's', { limit: 0 })
    await say('EVENT', note('live'))
    expect(await verbs()).toEqual(['AUTH', 'OK', 'EOSE', 'live', 'OK'])
  })

  test('holds what comes during the scan until it has said EOSE', async () => {
    let finish = () => undefined as unknown
    const scanned = new Promise<void>((resolve) => {
      finish = resolve
    })
    const store = createMemoryStore()
    const { say, verbs } = open({
      ...store,
      read: async (read) => {
        const page = await store.read(read)
        await scanned
        return page
      },
    })
    await say('EVENT', note('stored'))
    const asked = say('REQ', 's', {})
    await say('EVENT', note('meanwhile'))
    finish()
    await asked
    expect(await verbs()).toEqual(['AUTH', 'OK', 'OK', 'stored', 'EOSE', 'meanwhile'])
  })

  test('ends when it is closed', async () => {
    const { say, verbs } = open()
    await say('REQ', 's', {})
    await say('CLOSE', 's')
    await say('EVENT', note('late'))
    expect(await verbs()).toEqual(['AUTH', 'EOSE', 'OK'])
  })

  test('gives way to another of the same name, which alone says EOSE', async () => {
    const { say, verbs } = open()
    await Promise.all([say('REQ', 's', { kinds: [1] }), say('REQ', 's', { kinds: [2] })])
    await say('EVENT', note('not asked for any more'))
    expect(await verbs()).toEqual(['AUTH', 'EOSE', 'OK'])
  })

  test('ends with its connection', async () => {
    const { say, verbs, connection } = open()
    await say('REQ', 's', {})
    await turn()
    connection.gone()
    await say('EVENT', note('late'))
    expect(await verbs()).toEqual(['AUTH', 'EOSE'])
  })

  test('gives each filter its own limit', async () => {
    const { say, verbs } = open()
    for (const [at, content] of ['a', 'b', 'c'].entries())
      await say('EVENT', unsigned({ pubkey: ann, content, created_at: NOW + at }))
    await say('REQ', 's', { limit: 1 }, { limit: 1, until: NOW })
    expect((await verbs()).slice(4)).toEqual(['c', 'a', 'EOSE'])
  })
})
