import { describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import { type EventTemplate, eventId, type NostrEvent } from '#nips/keys'
import { sha256Hex } from '#nips/kit/bytes'
import { silentLog } from '#nips/kit/log'
import { actionKinds, groupKind, stateKinds } from '#nips/nip29'
import { allOf } from '../all-of.ts'
import { createMemoryStore } from '../store/memory.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { testClock } from '../testing/clock.ts'
import { entry, unsigned } from '../testing/events.ts'
import { key, self } from '../testing/groups.ts'
import { type Random, randomFrom } from '../testing/random.ts'
import { createVoice } from '../voice.ts'
import { createWriter } from '../writer.ts'
import { createGroups } from './groups.ts'
import { statementsOf } from './statements.ts'

const clock = testClock()
const people = ['1', '2', '3', '4', '5'].map(key)
const [founder = '', guest = ''] = people
const ids = ['red', 'green', 'blue']

const sign = (template: EventTemplate): NostrEvent => {
  const event = { ...template, pubkey: self }
  return { ...event, id: eventId(event), sig: '0'.repeat(128) }
}

/** Groups over a store, without policies: whatever arrives is stored, as if it had been judged a moment before. */
function groupsOver(store: Store) {
  const writer = createWriter({
    store,
    defer: setImmediate,
    onStored: ({ event }) => {
      groups.hear(event, () => undefined)
      voice.note(event)
    },
  })
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))
  const voice = createVoice({ store, put: writer.put, clock, self, sign, breathe })
  const groups = createGroups({ store, voice, clock, self, breathe, log: silentLog })
  return {
    groups,
    put: writer.put,
    async open() {
      await voice.open(stateKinds)
      await groups.open()
    },
  }
}

function anyAction(random: Random, serial: number): SignedEvent {
  const person = () => random.pick(people)
  const labels = () => random.some(['admin', 'moderator', 'chef'], 0.3)
  const flags = () => random.some(['private', 'hidden', 'closed', 'restricted'], 0.2).map((flag) => [flag])
  const tags: Record<number, () => string[][]> = {
    [groupKind.putUser]: () => random.some(people, 0.3).map((pubkey) => ['p', pubkey, ...labels()]),
    [groupKind.removeUser]: () => random.some(people, 0.2).map((pubkey) => ['p', pubkey]),
    [groupKind.editMetadata]: () => [
      ...flags(),
      ['name', `name ${serial}`],
      ...(random.chance(0.4) ? [['parent', random.pick(ids)]] : []),
      ...random.some(ids, 0.4).map((id) => ['child', id]),
    ],
    [groupKind.deleteEvent]: () => [
      ['e', unsigned({ pubkey: person(), content: String(random.whole(serial + 1)) }).id],
    ],
    [groupKind.createGroup]: () => flags(),
    [groupKind.createInvite]: () => [['code', random.pick(['x', 'y']), random.pick(['', '0', '1', '2'])]],
    [groupKind.updatePins]: () => random.some(people, 0.3).map((id) => ['e', id]),
    [groupKind.join]: () => (random.chance(0.5) ? [['code', random.pick(['x', 'y'])]] : []),
  }
  const kind = random.chance(0.02)
    ? groupKind.deleteGroup
    : random.pick([...Object.keys(tags).map(Number), groupKind.join, groupKind.leave, 9])
  return unsigned({
    pubkey: person(),
    kind,
    tags: [['h', random.pick(ids)], ...(tags[kind]?.() ?? [])],
    content: String(serial),
  })
}

/** Everything the relay has stored of its own statements, by kind and group. */
async function told(store: Store): Promise<Record<string, string[][]>> {
  const found: Record<string, string[][]> = {}
  for await (const { json } of allOf(store, { kinds: new Set(stateKinds) }, clock.now())) {
    const { kind, tags } = JSON.parse(json) as NostrEvent
    found[`${kind} ${tags[0]?.[1]}`] = tags
  }
  return found
}

const seeds = Array.from({ length: 200 }, (_, at) => at + Math.floor(Math.random() * 2 ** 30))

/** Sixty actions, some at the same time, some keys vanishing in between. Resolves when all is said. */
async function moderate({ groups, put }: ReturnType<typeof groupsOver>, random: Random): Promise<void> {
  let waiting: Promise<unknown>[] = []
  const all = async () => {
    await Promise.all(waiting)
    waiting = []
    await groups.close()
  }
  const vanish = async (pubkey: string) => {
    await all()
    await groups.beforeVanishing(pubkey)
    const request = { pubkey, kind: 62, tags: [['relay', 'ALL_RELAYS']], created_at: clock.now() - 1 }
    await put(entry(unsigned(request)))
  }
  for (const id of ids) await put(entry(unsigned({ pubkey: founder, kind: 9007, tags: [['h', id]] })))
  for (let serial = 0; serial < 60; serial++) {
    waiting.push(put(entry(anyAction(random, serial))))
    if (random.chance(0.2)) await Promise.all(waiting)
    if (random.chance(0.3)) await all()
    if (random.chance(0.02)) await vanish(random.pick(people))
  }
  await all()
  clock.advance(100)
  await groups.retry()
}

describe('however groups were moderated, a start finds them as they were, and all said', () => {
  test.each([
    { says: 'in memory', open: createMemoryStore, seeds: seeds.slice(0, 150) },
    { says: 'in SQLite', open: () => openSqliteStore(':memory:'), seeds: seeds.slice(150) },
  ])('$says', { timeout: 60_000 }, async (on) => {
    for (const seed of on.seeds) {
      const store = on.open()
      const running = groupsOver(store)
      await running.open()
      await moderate(running, randomFrom(seed))
      const newest = store.newest()
      const again = groupsOver(store)
      await again.open()
      const { book } = again.groups
      expect(book, `seed ${seed}`).toEqual(running.groups.book)
      expect(store.newest(), `seed ${seed}`).toBe(newest)
      const there = [...book.groups.values()].filter(({ isGone }) => !isGone)
      const statements = there.flatMap((group) => statementsOf(group, book, false))
      const expected = Object.fromEntries(statements.map(({ kind, tags }) => [`${kind} ${tags[0]?.[1]}`, tags]))
      expect(await told(store), `seed ${seed}`).toMatchObject(expected)
      await store.close()
    }
  })
})

test('what was committed before the relay could speak of it is said at the next start, once', async () => {
  const store = createMemoryStore()
  const events = [
    unsigned({ pubkey: founder, kind: 9007, tags: [['h', 'red']] }),
    unsigned({ pubkey: guest, kind: 9021, tags: [['h', 'red']] }),
    unsigned({ pubkey: founder, kind: 9007, tags: [['h', 'blue']] }),
    unsigned({ pubkey: guest, kind: 9, tags: [['h', 'blue']] }),
    unsigned({ pubkey: founder, kind: 9008, tags: [['h', 'blue']] }),
  ]
  await store.put(events.map(entry))
  await groupsOver(store).open()
  const kinds = async () => {
    const found: string[] = []
    for await (const { json } of allOf(store, {}, clock.now())) {
      const { kind, pubkey, tags } = JSON.parse(json) as NostrEvent
      found.push(`${kind} ${tags[0]?.[1]}${pubkey === self ? ' by the relay' : ''}`)
    }
    return found.sort()
  }
  const after = await kinds()
  expect(after).toEqual([
    ...['39000', '39001', '39002', '39003'].map((kind) => `${kind} red by the relay`),
    '9000 red by the relay',
    '9007 red',
    `9008 ${sha256Hex('blue')} by the relay`,
    '9021 red',
  ])
  await groupsOver(store).open()
  expect(await kinds()).toEqual(after)
})

test('all kinds that change a group are read again at a start', () => {
  expect(Object.values(groupKind).filter((kind) => kind < 10_000 && !actionKinds.includes(kind))).toEqual([])
})
