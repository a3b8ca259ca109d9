import { parentPort, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { systemClock } from '#nips/kit/clock'
import { pen } from '../pen.ts'

/**
 * A client like any other, in a thread of its own so that only the relay can keep it waiting: every 25 ms it publishes
 * a note, hears it back by its subscription, and asks for it by its id. Told to stop, it waits for what is open.
 */
export type CanaryReport = {
  readonly sent: number
  /** Messages that were never answered: no OK, no live copy, no stored copy. */
  readonly unanswered: number
  /** Milliseconds from each message to its answer, sorted. */
  readonly waits: readonly number[]
}

const PERIOD = 25
/** Messages that may be unanswered before it sends another: a client keeps within its limits. */
const MOST_OPEN = 60
/** Milliseconds that it waits for the last answers. */
const PATIENCE = 20_000

const clock = systemClock()
const { url, headers } = workerData as { url: string; headers: Record<string, string> }
const { pubkey, write } = pen(clock.now)
const socket = new WebSocket(url, { headers })
const open = new Map<string, number>()
const waits: number[] = []
let sent = 0

function expectAnswer(name: string): void {
  sent += 1
  open.set(name, clock.millis())
}

function settle(name: string): void {
  const since = open.get(name)
  if (since === undefined) return
  waits.push(clock.millis() - since)
  open.delete(name)
}

function chirp(): void {
  if (open.size >= MOST_OPEN) return
  const event = write({ content: `${sent}` })
  expectAnswer(`OK ${event.id}`)
  expectAnswer(`live ${event.id}`)
  socket.send(JSON.stringify(['EVENT', event]))
}

function hear(text: string): void {
  const [verb, name, event] = JSON.parse(text) as [string, string, { id: string }]
  if (verb === 'OK') {
    settle(`OK ${name}`)
    expectAnswer(`stored ${name}`)
    socket.send(JSON.stringify(['REQ', `stored ${name.slice(0, 16)}`, { ids: [name] }]))
  } else if (verb === 'EVENT') settle(`${name.split(' ')[0]} ${event.id}`)
  else if (verb === 'EOSE' && name.startsWith('stored')) socket.send(JSON.stringify(['CLOSE', name]))
}

socket.on('message', (text) => hear(String(text)))
socket.on('close', (code) => parentPort?.postMessage({ closed: code }))
socket.on('open', () => {
  socket.send(JSON.stringify(['REQ', 'live', { authors: [pubkey], limit: 0 }]))
  const stop = clock.every(PERIOD, chirp)
  parentPort?.postMessage('open')
  parentPort?.once('message', async () => {
    stop()
    const since = clock.millis()
    while (open.size > 0 && clock.millis() - since < PATIENCE) await clock.sleep(20)
    const report: CanaryReport = { sent, unanswered: open.size, waits: waits.sort((a, b) => a - b) }
    parentPort?.postMessage(report)
  })
})
