import { quantile } from '../figures.ts'
import { BLOCK, type Frames, pubkeyOf, readBlocks, START, sample } from './events.ts'
import { type Peer, processorTime, type Sample } from './peers.ts'
import { frameOf, openWire, type Span, type Wire } from './wire.ts'

/** Events a connection has sent and not yet been answered. */
const WINDOW = 64

/** Some events that one connection sends, and when it sent each. */
type Lane = { readonly frames: Frames; readonly from: number; readonly to: number; readonly sentAt: Float64Array }

const startOf = ({ ends }: Frames, index: number): number => ends[index - 1] ?? 0

/** Where each event of a lane stands, by the first half of its id. */
function placesOf({ frames, from, to }: Lane): Map<string, number> {
  const places = new Map<string, number>()
  for (let index = from; index < to; index += 1) {
    const id = startOf(frames, index) + frames.bytes.subarray(startOf(frames, index)).indexOf('"id":"') + 6
    places.set(frames.bytes.toString('latin1', id, id + 32), index)
  }
  return places
}

/** Sends a lane's events, never more than the window unanswered; gives the milliseconds each OK took. */
function fillLane(wire: Wire, lane: Lane, places: Map<string, number>): Promise<number[]> {
  const { frames, from, to, sentAt } = lane
  const latencies: number[] = []
  let next = from
  let room = WINDOW

  function fill(): void {
    const until = Math.min(next + room, to)
    room = 0
    if (until === next) return
    sentAt.fill(performance.now(), next - from, until - from)
    wire.send(frames.bytes.subarray(startOf(frames, next), startOf(frames, until)))
    next = until
  }

  function onAnswer(index: number): void {
    latencies.push(performance.now() - (sentAt[index - from] as number))
    room += 1
    if (room === 1) queueMicrotask(fill)
  }

  return new Promise((resolve, reject) => {
    wire.listen((verb, message, span) => {
      const index = verb === 'OK' ? places.get(message.toString('latin1', span.start + 7, span.start + 39)) : undefined
      if (index === undefined) return
      const refusal = refusalIn(message, span)
      if (refusal !== undefined) reject(new Error(`an event was refused: ${refusal}`))
      onAnswer(index)
      if (latencies.length === to - from) resolve(latencies)
    })
    fill()
  })
}

/** Why an event was refused. A replaceable one that came after a newer one was answered rightly. */
function refusalIn(message: Buffer, { start, end }: Span): string | undefined {
  const text = message.toString('latin1', start + 72, end)
  return text.startsWith(',true,') || text.startsWith(',false,"replaced:') ? undefined : text
}

/** Publishes events over some connections at once and waits for the OK of each. */
export async function ingest(peer: Peer, frames: Frames, connections: number): Promise<Sample> {
  const wires = await Promise.all(Array.from({ length: connections }, () => openWire(peer.url)))
  const count = frames.ends.length
  const cut = (place: number): number => Math.floor((place * count) / connections)
  const lanes = wires.map((wire, place) => {
    const [from, to] = [cut(place), cut(place + 1)]
    const lane: Lane = { frames, from, to, sentAt: new Float64Array(to - from) }
    return { wire, lane, places: placesOf(lane) }
  })
  const before = processorTime(peer)
  const began = performance.now()
  const latencies = (await Promise.all(lanes.map(({ wire, lane, places }) => fillLane(wire, lane, places)))).flat()
  const seconds = (performance.now() - began) / 1000
  const used = processorTime(peer) - before
  for (const wire of wires) wire.close()
  return {
    'events/s': count / seconds,
    'p50 of OK, ms': quantile(latencies, 0.5),
    'p99 of OK, ms': quantile(latencies, 0.99),
    'CPU µs/event': used / count,
  }
}

/** Brings the first blocks into an empty relay; gives the events a second. */
export async function load(peer: Peer, blocks: number): Promise<number> {
  if ((await firstAnswer(peer)) > 0)
    throw new Error(`${peer.name} already holds events; start it with an empty database`)
  const began = performance.now()
  for (let block = 0; block < blocks; block += 1) await ingest(peer, readBlocks(block, 1), 8)
  return (blocks * BLOCK * 1000) / (performance.now() - began)
}

/** Asks a relay that is loaded already; there is no speed to tell. */
export async function wake(peer: Peer): Promise<number> {
  if ((await firstAnswer(peer)) === 0) throw new Error(`${peer.name} holds no events`)
  return Number.NaN
}

/** The first REQ a relay gets comes from one connection alone: strfry 1.1.1 does not survive several at once. */
async function firstAnswer(peer: Peer): Promise<number> {
  const wire = await openWire(peer.url)
  const rows = await answerTo(wire, { limit: 1 })
  wire.close()
  return rows.length
}

type StoredFilter = Record<string, unknown>

/** Stored events by what clients ask for; `events` are some that are stored, `span` is how many there are. */
export function questions(blocks: number): Map<string, StoredFilter[]> {
  const events = sample(blocks, 2000)
  const span = blocks * BLOCK
  const own = new Map<string, StoredFilter[]>([
    ['author, limit 100', events.map((_, n) => ({ authors: [pubkeyOf(n % 1000)], limit: 100 }))],
    ['kind, since, until', events.map((_, n) => windowOf(Math.floor(((n + 0.5) * (span - 200)) / events.length)))],
    ['#e', events.flatMap(({ tags }) => tags.filter(([name]) => name === 'e').map(([, id]) => ({ '#e': [id] })))],
    ['#p, limit 100', events.map((_, n) => ({ '#p': [pubkeyOf((n * 7) % 1000)], limit: 100 }))],
    ['10 ids', events.map((_, n) => ({ ids: Array.from({ length: 10 }, (_x, k) => events.at(n - 7 * k)?.id) }))],
  ])
  const lists = [...own.values()]
  const mixed = events.map((_, n) => lists[n % lists.length]?.[n % (lists[n % lists.length]?.length ?? 1)] ?? {})
  return own.set('mixed', mixed)
}

const windowOf = (offset: number): StoredFilter => ({
  kinds: [1],
  since: START + offset,
  until: START + offset + 159,
})

/** Asks each question once, over four connections with one unanswered on each, until EOSE. */
export async function query(peer: Peer, filters: readonly StoredFilter[]): Promise<Sample> {
  const wires = await Promise.all(Array.from({ length: 4 }, () => openWire(peer.url)))
  const frames = filters.map((filter) => frameOf(JSON.stringify(['REQ', 'q', filter])))
  const before = processorTime(peer)
  const began = performance.now()
  const lanes = await Promise.all(
    wires.map((wire, lane) =>
      askAll(
        wire,
        frames.filter((_, n) => n % 4 === lane),
      ),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  const used = processorTime(peer) - before
  for (const wire of wires) wire.close()
  const latencies = lanes.flatMap((lane) => lane.latencies)
  const rows = lanes.reduce((sum, lane) => sum + lane.rows, 0)
  return {
    'requests/s': filters.length / seconds,
    'p50, ms': quantile(latencies, 0.5),
    'p99, ms': quantile(latencies, 0.99),
    'CPU µs/request': used / filters.length,
    'rows/request': rows / filters.length,
  }
}

function askAll(wire: Wire, frames: readonly Buffer[]): Promise<{ latencies: number[]; rows: number }> {
  const latencies: number[] = []
  let rows = 0
  let sentAt = 0
  const ask = (): void => {
    sentAt = performance.now()
    wire.send(frames[latencies.length] as Buffer)
  }
  return new Promise((resolve, reject) => {
    const onEnd = (): void => {
      latencies.push(performance.now() - sentAt)
      if (latencies.length === frames.length) resolve({ latencies, rows })
      else ask()
    }
    wire.listen((verb, message, { start, end }) => {
      if (verb === 'EVENT') rows += 1
      if (verb === 'EOSE') onEnd()
      if (verb === 'CLOSED') reject(new Error(message.toString('utf8', start, end)))
    })
    ask()
  })
}

/** The ids that answer one filter, in their order. */
function answerTo(wire: Wire, filter: StoredFilter): Promise<string[]> {
  const ids: string[] = []
  return new Promise((resolve, reject) => {
    wire.listen((verb, message, { start, end }) => {
      if (verb === 'EVENT') ids.push(JSON.parse(message.toString('utf8', start, end))[2].id)
      if (verb === 'EOSE') resolve(ids)
      if (verb === 'CLOSED') reject(new Error(message.toString('utf8', start, end)))
    })
    wire.send(frameOf(JSON.stringify(['REQ', 'one', filter])))
  })
}

/** How many of some filters a peer answers with other ids, or the same in another order, than the first peer does. */
export async function differences(peers: readonly Peer[], filters: readonly StoredFilter[]): Promise<number[]> {
  const wires = await Promise.all(peers.map(({ url }) => openWire(url)))
  const counts = peers.map(() => 0)
  for (const filter of filters) {
    const [first, ...others] = (await Promise.all(wires.map((wire) => answerTo(wire, filter)))).map(String)
    others.forEach((answer, place) => {
      if (answer !== first) counts[place + 1] = (counts[place + 1] ?? 0) + 1
    })
  }
  for (const wire of wires) wire.close()
  return counts
}
