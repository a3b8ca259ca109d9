import { pause } from '../../support/wait.ts'
import { quantile } from '../figures.ts'
import { pubkeyOf, START, sign } from './events.ts'
import { type Peer, processorTime, type Sample } from './peers.ts'
import { frameOf, openWire, type Wire } from './wire.ts'

/** Live subscriptions one connection carries. */
const PER_CONNECTION = 20
export const PER_SECOND = 40
const SECONDS = 4
export const BURST = 40
const JOBS = 50
/** Milliseconds without a delivery after which no more is expected. */
const PATIENCE = 10_000

let made = 0
/** A new event as a frame; no two of one run are the same. */
function fresh(kind: number, by: number, tags: string[][]): Buffer {
  made += 1
  const content = `${made} `.padEnd(300, 'live ')
  return frameOf(`["EVENT",${sign({ kind, created_at: START - made, tags, content }, by)}]`)
}

/** Many connections that listen; `onDelivery` hears of every live event by the number of its connection. */
type Audience = { onDelivery: (connection: number) => void; close(): void }

async function gather(url: string, filters: readonly object[]): Promise<Audience> {
  const wires: Wire[] = []
  const audience: Audience = {
    onDelivery: () => undefined,
    close: () => {
      for (const wire of wires) wire.close()
    },
  }
  for (let first = 0; first < filters.length; first += PER_CONNECTION) {
    const wire = await openWire(url)
    const number = wires.push(wire) - 1
    const mine = filters.slice(first, first + PER_CONNECTION)
    await subscribe(wire, mine)
    wire.listen((verb) => {
      if (verb === 'EVENT') audience.onDelivery(number)
    })
  }
  return audience
}

/** Opens subscriptions to what comes from now on, and waits until all of them stand. */
function subscribe(wire: Wire, filters: readonly object[]): Promise<void> {
  let open = 0
  return new Promise((resolve, reject) => {
    wire.listen((verb, message, { start, end }) => {
      if (verb === 'EOSE') open += 1
      if (open === filters.length) resolve()
      if (verb === 'CLOSED') reject(new Error(message.toString('utf8', start, end)))
    })
    wire.send(
      Buffer.concat(filters.map((filter, n) => frameOf(JSON.stringify(['REQ', `s${n}`, { ...filter, limit: 0 }])))),
    )
  })
}

/** Waits until `done` says so; fails when nothing has moved for long. */
async function settled(done: () => boolean, moved: () => number): Promise<void> {
  let before = -1
  let since = performance.now()
  while (!done()) {
    if (moved() !== before) since = performance.now()
    else if (performance.now() - since > PATIENCE) throw new Error(`deliveries stopped at ${before}`)
    before = moved()
    await pause(5)
  }
}

/** Which connections an event goes to, and how many copies to each: either all subscriptions or a single one. */
type Reach = {
  name: string
  filters: object[]
  tags: (event: number) => string[][]
  copies: (event: number) => number[]
}

export const reachAll = (subscriptions: number): Reach => ({
  name: `${subscriptions} subscriptions to all`,
  filters: Array.from({ length: subscriptions }, () => ({ kinds: [1] })),
  tags: () => [],
  copies: () => Array.from({ length: subscriptions }, (_, n) => Math.floor(n / PER_CONNECTION)),
})

export const reachOne = (subscriptions: number): Reach => ({
  name: `${subscriptions} subscriptions, one match`,
  filters: Array.from({ length: subscriptions }, (_, n) => ({ '#t': [`topic ${n}`] })),
  tags: (event) => [['t', `topic ${(event * 37) % subscriptions}`]],
  copies: (event) => [Math.floor(((event * 37) % subscriptions) / PER_CONNECTION)],
})

/** Events at a steady pace: the milliseconds from sending one to its arrival at each subscription. */
export async function steady(peer: Peer, reach: Reach): Promise<Sample> {
  const audience = await gather(peer.url, reach.filters)
  const publisher = await openWire(peer.url)
  const waiting = new Map<number, number[]>()
  const latencies: number[] = []
  let expected = 0
  let strangers = 0
  // Events reach a connection in the order they were sent in.
  audience.onDelivery = (connection) => {
    const sentAt = waiting.get(connection)?.shift()
    if (sentAt === undefined) strangers += 1
    else latencies.push(performance.now() - sentAt)
  }
  const frames = Array.from({ length: PER_SECOND * SECONDS }, (_, n) => fresh(1, n % 100, reach.tags(n)))
  const began = performance.now()
  for (const [n, frame] of frames.entries()) {
    await pause(Math.max(0, began + (n * 1000) / PER_SECOND - performance.now()))
    const now = performance.now()
    for (const connection of reach.copies(n)) {
      waiting.set(connection, waiting.get(connection) ?? [])
      waiting.get(connection)?.push(now)
      expected += 1
    }
    publisher.send(frame)
  }
  await settled(
    () => latencies.length + strangers >= expected,
    () => latencies.length,
  )
  publisher.close()
  audience.close()
  if (strangers > 0) throw new Error(`${reach.name}: ${strangers} events came that nobody had asked for`)
  return {
    'p50, ms': quantile(latencies, 0.5),
    'p99, ms': quantile(latencies, 0.99),
  }
}

/** Events at once: how many deliveries a second until the last has arrived. */
export async function burst(peer: Peer, subscriptions: number): Promise<Sample> {
  const { filters } = reachAll(subscriptions)
  const audience = await gather(peer.url, filters)
  const publisher = await openWire(peer.url)
  const frames = Buffer.concat(Array.from({ length: BURST }, (_, n) => fresh(1, n, [])))
  let delivered = 0
  let last = 0
  audience.onDelivery = () => {
    delivered += 1
    last = performance.now()
  }
  const before = processorTime(peer)
  const began = performance.now()
  publisher.send(frames)
  await settled(
    () => delivered >= BURST * subscriptions,
    () => delivered,
  )
  const used = processorTime(peer) - before
  publisher.close()
  audience.close()
  return {
    'deliveries/s': (delivered * 1000) / (last - began),
    'CPU µs/delivery': used / delivered,
  }
}

/** One after the other: a customer asks, a worker hears it and answers, the customer hears the answer. */
export async function jobs(peer: Peer): Promise<Sample> {
  const [customer, worker] = [1, 2]
  const asking = await openWire(peer.url)
  const working = await openWire(peer.url)
  await subscribe(working, [{ kinds: [5050], '#p': [pubkeyOf(worker)] }])
  await subscribe(asking, [{ kinds: [6050], '#p': [pubkeyOf(customer)] }])
  const rounds = Array.from({ length: JOBS }, () => ({
    request: fresh(5050, customer, [['p', pubkeyOf(worker)]]),
    result: fresh(6050, worker, [['p', pubkeyOf(customer)]]),
  }))
  const latencies: number[] = []
  for (const { request, result } of rounds) {
    const began = performance.now()
    await new Promise<void>((resolve) => {
      working.listen((verb) => verb === 'EVENT' && working.send(result))
      asking.listen((verb) => verb === 'EVENT' && resolve())
      asking.send(request)
    })
    latencies.push(performance.now() - began)
  }
  asking.close()
  working.close()
  return {
    'p50, ms': quantile(latencies, 0.5),
    'p99, ms': quantile(latencies, 0.99),
  }
}
