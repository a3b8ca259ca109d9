import { Fault } from '#nips/kit/fault'
import { createGathering, type Records } from '../negentropy/records.ts'
import { initiate } from '../negentropy/respond.ts'
import { byPosition } from '../store/store.ts'
import type { Command, Context, Given } from './command.ts'
import { rangeOption } from './download.ts'
import { placesOf } from './events.ts'
import { type Filters, readerFor, readFilters, withRange } from './filters.ts'
import { createIntake } from './intake.ts'
import { connectTo } from './remote.ts'
import { type Direction, drain, SyncSession } from './sync-session.ts'

/** Bytes of one NIP-77 message: twice that as hex fits into what most relays take. */
const FRAME = 60_000

export const syncCommand: Command = {
  name: 'sync',
  doc: 'compares what is here with what another relay has (NIP-77) and brings each what it lacks',
  takes: ['url'],
  options: {
    dir: { value: 'dir', doc: 'both, down, up or none (both)' },
    filter: { value: 'filter', doc: 'what to compare, everything otherwise; private kinds only where it names them' },
    range: rangeOption,
    'print-missing': { doc: 'writes "have,<id>" and "need,<id>" to standard output instead' },
    'frame-size-limit': { value: 'frame-size-limit', doc: 'bytes of one message (60000), 0 for no limit' },
    timeout: { value: 'timeout', doc: 'seconds without a word until it is given up, 0 for ever (0)' },
  },
  async run(given, context) {
    const url = given.words[0] ?? ''
    const direction = directionOf(given)
    const filters = withRange(readFilters(given.text('filter') ?? '{}'), given.text('range'), context.clock.now())
    const frame = frameOf(given)
    const records = await gather(filters, context)
    context.say(`Filter matches ${records.size} events`)
    const intake = await intakeFor(context)
    const remote = await connectTo(url, context)
    const plugin = context.plugin(context.writePolicy)
    const { store, say } = context
    const deps = { store, say, plugin, remote, records, filters, intake, url }
    const session = new SyncSession(deps, { ...direction, frame })
    remote.say('NEG-OPEN', 'N', filters.json, initiate(records))
    const quiet = (given.count('timeout') ?? 0) * 1000 || undefined
    while (!session.isOver) {
      const said = await remote.next(quiet)
      if (said === undefined) throw new Fault('unavailable', 'the relay ended the connection')
      await session.take(said)
    }
    if (given.has('print-missing')) await context.print(session.missing)
    remote.close()
    return 0
  },
}

const words: ReadonlySet<string> = new Set(['both', 'up', 'down', 'none'])

function directionOf(given: Given): Direction {
  const word = given.text('dir') ?? (given.has('print-missing') ? 'none' : 'both')
  if (!words.has(word)) throw new Fault('invalid', `invalid direction: ${word}. Should be one of both/up/down/none`)
  if (given.has('print-missing') && word !== 'none') throw new Fault('invalid', '--print-missing requires --dir=none')
  return { up: word === 'both' || word === 'up', down: word === 'both' || word === 'down' }
}

function frameOf(given: Given): number {
  const frame = given.count('frame-size-limit') ?? FRAME
  if (frame !== 0 && frame < 4096) throw new Fault('invalid', '--frame-size-limit has to be at least 4096, or 0')
  return frame || Number.POSITIVE_INFINITY
}

const intakeFor = async (context: Context) =>
  createIntake({
    store: context.store(),
    verifier: await context.verifier(),
    clock: context.clock,
    onRejected: (id, why) => context.say(`Rejected event ${id}: ${why}`),
  })

/** What is here, as the other relay may know of it. Several filters are read one after the other, so all is sorted. */
async function gather(filters: Filters, { store, clock }: Context): Promise<Records> {
  const gathering = createGathering()
  const selection = { filters: filters.parsed, reader: readerFor(filters), now: clock.now() }
  if (filters.parsed.length === 1) for await (const places of placesOf(store(), selection)) gathering.add(places)
  else {
    const all = []
    for await (const places of placesOf(store(), selection)) all.push(...places)
    gathering.add(all.sort(byPosition))
  }
  return drain(gathering.seal())
}
