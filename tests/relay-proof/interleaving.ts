import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NostrEvent } from '#nips/keys'
import type { Relay } from '#relay/relay'
import { createMemoryStore } from '#relay/store/memory'
import { openSqliteStore } from '#relay/store/sqlite'
import type { Page, Store } from '#relay/store/store'
import { NOW } from '#relay/testing/events'
import { type Random, randomFrom } from '#relay/testing/random'
import { clientOf, relayInHand, signIn } from './in-hand.ts'
import { createSchedule, type Schedule } from './schedule.ts'
import { complaints, type History, type Instance } from './witness.ts'
import { forged } from './worlds.ts'

const [ann, ben] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string]
const filters = [
  {},
  { kinds: [1] },
  { '#t': ['x'] },
  { '#t': ['y'], kinds: [1] },
  { authors: [ann] },
  { kinds: [0], authors: [ann, ben] },
  { limit: 0 },
  { limit: 2 },
  { kinds: [1], limit: 1 },
  { '#p': [ben] },
  { kinds: [20_001] },
  { since: NOW - 1 },
]

/**
 * Lets clients publish, subscribe, replace, close and sign in while everything the relay waits for comes when a seed
 * says; throws when a subscription missed an event, got one twice, got what is not for it, or was not told the end.
 */
export async function proveInterleavings(runs: number, seed: number): Promise<void> {
  for (let run = 0; run < runs; run++) await proveOne(seed + run, createMemoryStore())
}

/** The same over a file with the store's threads, whose answers come when they come: a seed decides the rest. */
export async function proveInterleavingsOnDisk(runs: number, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const store = openSqliteStore(join(folder, 'relay.db'), { generation: 8 })
  try {
    for (let run = 0; run < runs; run++) {
      const published = await proveOne(seed + run, { ...store, close: async () => undefined })
      await store.erase(published)
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

/** Gives the ids of what was published. */
async function proveOne(seed: number, store: Store): Promise<string[]> {
  const random = randomFrom(seed)
  const schedule = createSchedule(random)
  const relay = relayInHand({ store: unhurried(store, random, schedule), defer: schedule.later })
  const history: History = { instances: [], published: new Map(), signIns: [], now: 0 }
  const wrong: string[] = []
  const events = anyEvents(random)
  const clients = Array.from({ length: 3 }, (_, at) => attend(at, { relay, history, schedule, wrong }))
  for (let act = 0; act < 24; act++) {
    random.pick(clients).act(random, events)
    for (let steps = random.pick([0, 0, 1, 3, 9]); steps > 0; steps--) await schedule.step()
  }
  await endOf(Promise.all(clients.map(({ idle }) => idle())), schedule)
  await endOf(relay.close(), schedule)
  wrong.push(...complaints(history))
  if (wrong.length > 0) throw new Error(`seed ${seed} (PROOF_SEED): ${wrong.slice(0, 3).join('\n')}`)
  return [...history.published.keys()]
}

/** Goes on until something is done, and everything that follows from it. */
async function endOf(doing: Promise<unknown>, schedule: Schedule): Promise<void> {
  let over = false
  void doing.then(() => {
    over = true
  })
  while (!over || (await schedule.step())) await schedule.step()
}

const anyEvents = (random: Random): NostrEvent[] =>
  Array.from({ length: 12 }, (_, at) =>
    forged({
      pubkey: random.pick([ann, ben]),
      kind: random.pick([0, 1, 1, 1, 1059, 20_001, 30_023]),
      created_at: NOW - random.whole(3),
      content: String(at),
      tags: random.some(
        [
          ['t', 'x'],
          ['t', 'y'],
          ['p', ann],
          ['p', ben],
        ],
        0.4,
      ),
    }),
  )

/** A store that answers whenever it likes, before and after it has done what was asked, and in pages of any size. */
function unhurried(store: Store, random: Random, { turn }: Schedule): Store {
  async function dawdle<T>(work: () => Promise<T>): Promise<T> {
    for (let turns = random.whole(3); turns > 0; turns--) await turn()
    const result = await work()
    for (let turns = random.whole(3); turns > 0; turns--) await turn()
    return result
  }
  return {
    ...store,
    put: (batch) => dawdle(() => store.put(batch)),
    get: (id) => dawdle(() => store.get(id)),
    read: (read) => dawdle(async () => shortened(await store.read(read), random)),
  }
}

function shortened(page: Page, random: Random): Page {
  const rows = page.rows.slice(0, 1 + random.whole(4))
  const last = rows.at(-1)
  if (!last || rows.length === page.rows.length) return page
  return { rows, next: { createdAt: last.createdAt, id: last.id } }
}

type Stage = { relay: Relay; history: History; schedule: Schedule; wrong: string[] }

/** A client that does one thing at a time and writes down what it did and what it heard. */
function attend(client: number, { relay, history, schedule, wrong }: Stage) {
  const open = new Map<string, Instance>()
  const tick = () => ++history.now

  function end(name: string): void {
    const instance = open.get(name)
    if (instance) instance.ended = tick()
    open.delete(name)
  }

  const hears: Record<string, (at: number, subject: string, rest: readonly unknown[]) => void> = {
    OK(at, id, [accepted]) {
      const published = history.published.get(id)
      if (published && accepted) published.stored ??= at
    },
    EVENT(at, name, [event]) {
      const { id } = event as NostrEvent
      const instance = open.get(name)
      if (instance) instance.told.push({ id, at })
      else wrong.push(`client ${client} was told ${id} under ${name}, which is not open`)
    },
    EOSE(at, name) {
      const instance = open.get(name)
      if (!instance || instance.eose !== undefined) wrong.push(`client ${client} got an EOSE too much for ${name}`)
      else instance.eose = at
    },
    CLOSED: (_at, name) => end(name),
    AUTH: () => undefined,
    NOTICE: (_at, text) => wrong.push(`client ${client} got a notice: ${text}`),
  }

  const said: Promise<void>[] = []
  const { say } = clientOf(relay, (text, onSent) => {
    schedule.later(onSent)
    const [verb, subject, ...rest] = JSON.parse(text) as [string, string, ...unknown[]]
    const at = tick()
    for (const one of history.signIns) if (verb === 'OK' && one.id === subject && one.client === client) one.done = at
    hears[verb]?.(at, subject, rest)
  })

  function publish(random: Random, events: readonly NostrEvent[]): void {
    const event = random.pick(events)
    // Ephemeral events are not remembered, so one that is sent again is handed out again.
    if (event.kind === 20_001 && history.published.has(event.id)) return
    if (!history.published.has(event.id)) history.published.set(event.id, { event, sent: tick() })
    said.push(say('EVENT', event))
  }

  function subscribe(random: Random): void {
    const name = random.pick(['one', 'two'])
    end(name)
    const asked = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.pick(filters))
    const instance: Instance = { client, filters: asked, opened: tick(), told: [] }
    history.instances.push(instance)
    open.set(name, instance)
    said.push(say('REQ', name, ...asked))
  }

  function act(random: Random, events: readonly NostrEvent[]): void {
    const choice = random.whole(20)
    if (choice < 11) publish(random, events)
    else if (choice < 17) subscribe(random)
    else if (choice < 19) {
      const name = random.pick(['one', 'two'])
      end(name)
      said.push(say('CLOSE', name))
    } else {
      const key = random.pick([ann, ben])
      const event = signIn(key)
      history.signIns.push({ client, key, id: event.id, sent: tick() })
      said.push(say('AUTH', event))
    }
  }

  /** `idle` resolves when all it has said is dealt with. */
  return { act, idle: () => Promise.all(said) }
}
