import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '#nips/kit/log'
import { type Connection, connectGateway } from '../../gateway-broker/gateway/connection.ts'
import { assistantShape } from '../../gateway-broker/gateway/frames.ts'
import type { Requester } from '../support/requester.ts'
import type { System } from '../support/system.ts'
import { type Figure, median, millis } from './figures.ts'

const ROUNDS = 12
const WARM_UP = 2
const QUESTION = 'count to 60'

/** First token after the question, and when each piece came, in milliseconds. */
type Timing = { first: number; pieces: number; length: number }

/** The same gateway, the same question: once by a signed job over the relay, once on the gateway's own socket. */
export async function overheadFigures(system: System, owner: Requester, instance: string): Promise<Figure[]> {
  const direct = await connectDirectly(system, instance)
  const ours: Timing[] = []
  const peers: Timing[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await overTheRelay(owner, instance))
    peers.push(await onTheSocket(direct))
  }
  direct.close()
  const middle = (timings: Timing[], key: keyof Timing) => median(timings.slice(WARM_UP).map((timing) => timing[key]))
  const lag = middle(ours, 'length') - middle(peers, 'length')
  return [
    {
      name: 'first token, warm',
      value: millis(middle(ours, 'first')),
      peer: `the same gateway directly: ${millis(middle(peers, 'first'))}`,
    },
    { name: 'first-token overhead', value: millis(middle(ours, 'first') - middle(peers, 'first')) },
    {
      name: 'whole answer',
      value: millis(middle(ours, 'length')),
      peer: `directly: ${millis(middle(peers, 'length'))}`,
    },
    {
      name: 'overhead per delta',
      value: millis(lag / middle(ours, 'pieces')),
      peer: `${middle(ours, 'pieces')} deltas, directly ${middle(peers, 'pieces')}`,
    },
  ]
}

async function overTheRelay(owner: Requester, instance: string): Promise<Timing> {
  const marks: number[] = []
  const started = performance.now()
  const job = await owner.say(instance, QUESTION)
  let length = job.state().text.length
  job.onChange(() => {
    if (job.state().text.length > length) marks.push(performance.now())
    length = job.state().text.length
  })
  await job.end()
  return timingOf(started, marks)
}

async function onTheSocket(direct: Connection): Promise<Timing> {
  const run = crypto.randomUUID()
  const marks: number[] = []
  const stop = direct.listen(({ event, payload }) => {
    const parsed = event === 'agent' ? assistantShape.safeParse(payload) : undefined
    if (parsed?.success && parsed.data.runId === run) marks.push(performance.now())
  })
  const started = performance.now()
  await direct.call('chat.send', { sessionKey: 'agent:main:bench', message: QUESTION, idempotencyKey: run })
  await direct.call('agent.wait', { runId: run, timeoutMs: 60_000 })
  stop()
  return timingOf(started, marks)
}

const timingOf = (started: number, marks: number[]): Timing => ({
  first: (marks[0] ?? Number.NaN) - started,
  pieces: marks.length,
  length: performance.now() - started,
})

/** Opens the gateway's own door with its own token, which only its user can read: from the environment of its process. */
async function connectDirectly(system: System, instance: string): Promise<Connection> {
  const name = 'OPENCLAW_GATEWAY_TOKEN='
  const [token] = system
    .pids()
    .flatMap((pid) => environmentOf(pid).flatMap((entry) => (entry.startsWith(name) ? [entry.slice(name.length)] : [])))
  if (token === undefined) throw new Error('no gateway process is to be found')
  return connectGateway(join(socketsOf(instance), 'gateway.sock'), new Secret(token))
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function socketsOf(instance: string): string {
  const bases = readdirSync(tmpdir(), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name.startsWith('oa-'),
  )
  const base = bases.find(({ name }) => readdirSync(join(tmpdir(), name)).includes(instance))
  return join(tmpdir(), base?.name ?? '', instance)
}
