import type { Filter } from '#nips/filter'
import { Fault } from '#nips/kit/fault'
import { countEvents } from '../count.ts'
import { hllOf, hllOffset } from '../hll.ts'
import type { Session } from '../session.ts'
import type { Position } from '../store/store.ts'
import { requireReadable } from './readable.ts'
import { closedText } from './texts.ts'
import type { Engine, Verb } from './verb.ts'

/** NIP-45: how many stored events match, of those that this client may read. */
export const count: Verb<'COUNT'> = {
  nip: 45,
  isOn: ({ maxCount }) => maxCount > 0,
  async run({ subscription, filters }, session, engine) {
    const most = engine.limits.maxCount
    if (most === 0) throw new Fault('invalid', 'bad req: COUNT disabled')
    engine.rates.request(session.remote, 'COUNT', filters)
    requireReadable(filters, session)
    const counted = await session.inTurn(() => countEvents({ filters, reader: session.reader(), most }, engine))
    const hll = counted.count <= HLL_MOST ? await hllFor(filters, session, engine) : undefined
    session.reply([
      'COUNT',
      subscription,
      {
        count: counted.count,
        ...(counted.isComplete ? {} : { limited: true, approximate: true }),
        ...(hll === undefined ? {} : { hll }),
      },
    ])
  },
  refuse: ({ subscription }, fault) => ['CLOSED', subscription, closedText(fault)],
}

/** Events whose authors are looked at for NIP-45's registers; a larger count goes without. */
const HLL_MOST = 10_000

async function hllFor(filters: readonly Filter[], session: Session, engine: Engine): Promise<string | undefined> {
  const [filter, ...more] = filters
  const offset = filter && more.length === 0 ? hllOffset(filter) : undefined
  if (!filter || offset === undefined) return undefined
  return hllOf(await authorsOf(filter, session, engine), offset)
}

async function authorsOf(
  filter: Filter,
  session: Session,
  { store, clock, breathe }: Engine,
): Promise<ReadonlySet<string>> {
  const authors = new Set<string>()
  const [reader, upTo, now] = [session.reader(), store.newest(), clock.now()]
  let after: Position | undefined
  do {
    const read = { filter: { ...filter, limit: HLL_MOST }, reader, upTo, now, ...(after ? { after } : {}) }
    const page = await store.read(read)
    for (const { json } of page.rows) authors.add((JSON.parse(json) as { pubkey: string }).pubkey)
    after = page.next
    await breathe()
  } while (after)
  return authors
}
