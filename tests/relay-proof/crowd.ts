import { WebSocket } from 'ws'
import { systemClock } from '#nips/kit/clock'
import { type Random, randomFrom } from '#relay/testing/random'
import { connect } from '#relay/testing/wire'
import { pen } from './pen.ts'
import type { Runtime } from './runtimes.ts'
import { serveAlone } from './served.ts'

export type CrowdSize = { connections: number; events: number; runtime: Runtime }
export type CrowdReport = {
  subscriptions: number
  /** Deliveries that were due, and how many milliseconds from the event to all of them. */
  deliveries: number
  p50: number
  longest: number
  /** KiB of the relay's memory for each connection with its subscriptions. */
  memoryEach: number
  wrong: string[]
}

const EACH = 10
/** Subscriptions to one topic. */
const SHARED = 10
/** Connections that are opened at once. */
const ABREAST = 50

const clock = systemClock()

/** Many connections with ten subscriptions each: every event has to reach its ten subscribers, once, and nobody else. */
export async function gatherCrowd({ connections, events, runtime }: CrowdSize, seed: number): Promise<CrowdReport> {
  const random = randomFrom(seed)
  const relay = await serveAlone(runtime, { RELAY_MAX_CONNECTIONS: String(connections + 10) })
  try {
    const before = relay.memory().now
    const told = new Map<string, string[]>()
    const topics = Math.ceil((connections * EACH) / SHARED)
    const crowd: WebSocket[] = []
    for (let at = 0; at < connections; at += ABREAST)
      crowd.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(ABREAST, connections - at) }, (_, next) =>
            attend(relay.url, topicsOf(at + next, topics), told),
          ),
        )),
      )
    const memoryEach = Math.round(((relay.memory().now - before) * 1024) / connections)
    const { waits, deliveries, wrong } = await tell(relay.url, { random, events, topics, connections, told })
    for (const socket of crowd) socket.terminate()
    const p50 = Math.round(waits[Math.floor(waits.length / 2)] ?? 0)
    const longest = Math.round(waits.at(-1) ?? 0)
    const report = { subscriptions: connections * EACH, deliveries, p50, longest, memoryEach }
    return { ...report, wrong: wrong.map((what) => `seed ${seed}, ${runtime}: ${what}`) }
  } finally {
    await relay.end()
  }
}

const topicsOf = (connection: number, topics: number): string[] =>
  Array.from({ length: EACH }, (_, at) => `topic ${(connection * EACH + at) % topics}`)

/** One of the crowd; resolves when all its subscriptions are open. */
function attend(url: string, topics: readonly string[], told: Map<string, string[]>): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  let open = 0
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => {
      for (const topic of topics) socket.send(JSON.stringify(['REQ', topic, { '#t': [topic], limit: 0 }]))
    })
    socket.on('message', (text) => {
      const [verb, topic, event] = JSON.parse(String(text)) as [string, string, { id: string }]
      if (verb === 'EVENT') told.set(event.id, [...(told.get(event.id) ?? []), topic])
      else if (verb === 'EOSE' && ++open === topics.length) resolve(socket)
      else if (verb === 'CLOSED') reject(new Error(`a subscription was refused: ${String(text)}`))
    })
  })
}

type Telling = { random: Random; events: number; topics: number; connections: number; told: Map<string, string[]> }

/** Publishes one event after the other, each when the one before has reached everybody. */
async function tell(url: string, { random, events, topics, connections, told }: Telling) {
  const publisher = await connect(url)
  const author = pen(clock.now)
  const waits: number[] = []
  const wrong: string[] = []
  for (let at = 0; at < events; at++) {
    const topic = `topic ${random.whole(topics)}`
    const due = Array.from({ length: connections }, (_, one) => topicsOf(one, topics).includes(topic)).filter(Boolean)
    const event = author.write({ tags: [['t', topic]], content: `${at}` })
    const since = clock.millis()
    publisher.say('EVENT', event)
    while ((told.get(event.id)?.length ?? 0) < due.length && clock.millis() - since < 10_000) await clock.sleep(1)
    waits.push(clock.millis() - since)
    const heard = told.get(event.id) ?? []
    if (heard.length !== due.length || heard.some((name) => name !== topic))
      wrong.push(`${event.id} of ${topic} was due ${due.length} times and came under ${heard.join()}`)
  }
  publisher.socket.terminate()
  return { waits: waits.sort((a, b) => a - b), deliveries: [...told.values()].flat().length, wrong }
}
