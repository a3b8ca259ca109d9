import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { oneOf } from '#nips/kit/settings'
import { comparison, type Goal, type Row, table } from '../figures.ts'
import { BLOCK, prepareBlocks, readBlocks } from './events.ts'
import { BURST, burst, jobs, PER_SECOND, reachAll, reachOne, steady } from './live.ts'
import { inRounds, memoryOf, type Peer, startOurs } from './peers.ts'
import { differences, ingest, load, query, questions, wake } from './stored.ts'
import { verifyFigures } from './verify.ts'

const parts = ['verify', 'stored', 'live', 'ingest'] as const

const help = `npm run bench:relay -- [--peer name=ws://…]… [--pid name=1234]… [part…]

Runs the same load against our relay, which it starts itself, and against every peer given, which has to be empty.
Parts: ${parts.join(', ')}; without any all of them. The ratio is to the first peer.

  --runtime node|bun   what runs our relay; may be given twice (what npm start takes)
  --stored 100000      events that are stored before the first question; --million for 1,000,000
  --loaded             every relay holds exactly these already (ours: --env RELAY_DB=…)
  --rounds 3           medians are of so many
  --env NAME=value     a setting of our relay
  --no-ours            peers only`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string', multiple: true, default: [] },
    pid: { type: 'string', multiple: true, default: [] },
    runtime: { type: 'string', multiple: true, default: ['auto'] },
    env: { type: 'string', multiple: true, default: [] },
    stored: { type: 'string', default: '100000' },
    loaded: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    'no-ours': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}

const stored = values.million ? 1_000_000 : Number(values.stored)
const blocks = Math.ceil(stored / BLOCK)
const rounds = Number(values.rounds)
const crowds = [1, 8, 32]
/** 20,000 events for each measurement of ingest. */
const SLICE = 20_000 / BLOCK

const asked = positionals.map(oneOf(...parts))
const wants = (part: (typeof parts)[number]): boolean => asked.length === 0 || asked.includes(part)
if (wants('verify')) console.log(table('Signatures, processor time', await verifyFigures()))
if (String(asked) === 'verify') process.exit(0)

const pairs = (texts: readonly string[]): [string, string][] =>
  texts.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])

const pids = new Map(pairs(values.pid))
const given: Peer[] = pairs(values.peer).map(([name, url]) => ({ name, url, pid: Number(pids.get(name)) || undefined }))
const runtimes = values['no-ours'] ? [] : values.runtime.map(oneOf('auto', 'bun', 'node'))
const ours = await Promise.all(runtimes.map((runtime) => startOurs(runtime, Object.fromEntries(pairs(values.env)))))
const peers = (): Peer[] => [...ours.map(({ peer }) => peer), ...given]

function show(title: string, rows: readonly Row[], goals: readonly Goal[] = []): void {
  const names = peers().map(({ name }) => name)
  console.log(comparison(`${title}   [load ${loadavg()[0]?.toFixed(1)}]`, { names, ours: ours.length, rows, goals }))
}

console.log(`${cpus().length} cores (${cpus()[0]?.model}), Node ${process.versions.node} as the client`)
try {
  await run()
} finally {
  for (const relay of ours) await relay.stop()
}
process.exit(0)

async function run(): Promise<void> {
  await prepareBlocks(blocks + (wants('ingest') ? crowds.length * rounds * SLICE : 0))
  await fill()
  if (wants('stored')) await askStored()
  if (wants('live')) await listenLive()
  if (wants('ingest')) await ingestMore()
}

async function fill(): Promise<void> {
  const title = `${stored.toLocaleString('en')} events stored`
  const speeds: number[] = []
  for (const peer of peers()) speeds.push(values.loaded ? await wake(peer) : await load(peer, blocks))
  show(`${title}, over 8 connections`, [{ name: 'events/s', values: speeds }])
  await remember('Memory with them')
}

async function remember(title: string): Promise<void> {
  const memory = await inRounds(1, peers(), async (peer) => memoryOf(peer))
  show(title, memory, [{ figure: 'resident memory', most: 300 }])
}

async function askStored(): Promise<void> {
  const starts = await Promise.all(ours.map((relay) => relay.restart()))
  const cold = { name: 'cold start, ms', values: starts }
  show('Start with them', [cold], [{ figure: 'cold start', most: 3000 }])
  const all = questions(blocks)
  for (const [name, filters] of all) {
    await inRounds(1, peers(), (peer) => query(peer, filters.slice(0, 200)))
    const rows = await inRounds(rounds, peers(), (peer) => query(peer, filters))
    show(`Stored: ${name}`, rows, [{ figure: 'requests/s', ratio: 2 }])
  }
  await remember('Memory after the questions')
  const [, ...others] = await differences(
    peers(),
    [...all.values()].flatMap((filters) => filters.slice(0, 100)),
  )
  if (others.length > 0) console.log(`\nAnswers that differ from the first relay's, of 600: ${others.join(', ')}`)
}

async function listenLive(): Promise<void> {
  for (const reach of [reachAll(500), reachAll(2000), reachOne(2000)])
    show(
      `Live, ${PER_SECOND} events/s: ${reach.name}`,
      await inRounds(rounds, peers(), (peer) => steady(peer, reach)),
      [{ figure: 'p50', ratio: 30 }],
    )
  for (const subscriptions of [500, 2000])
    show(
      `Live, ${BURST} events at once: ${subscriptions} subscriptions to all`,
      await inRounds(rounds, peers(), (peer) => burst(peer, subscriptions)),
      [{ figure: 'deliveries/s', ratio: 2 }],
    )
  show('Job: request, worker, result', await inRounds(rounds, peers(), jobs), [
    { figure: 'p50', ratio: 30 },
    { figure: 'p50', most: 3 },
  ])
}

async function ingestMore(): Promise<void> {
  for (const [place, connections] of crowds.entries()) {
    const first = blocks + place * rounds * SLICE
    const rows = await inRounds(rounds, peers(), (peer, round) =>
      ingest(peer, readBlocks(first + round * SLICE, SLICE), connections),
    )
    show(`Ingest, 20,000 events, ${connections} connection${connections === 1 ? '' : 's'}`, rows, [
      { figure: 'events/s', ratio: 1.5 },
    ])
  }
}
