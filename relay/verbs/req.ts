import type { Filter } from '#nips/filter'
import { Fault } from '#nips/kit/fault'
import type { Reader } from '../read-rules.ts'
import type { Session } from '../session.ts'
import type { Page, Position } from '../store/store.ts'
import type { Subscription } from '../subscriptions.ts'
import { requireServable } from './servable.ts'
import { closedText } from './texts.ts'
import type { Engine, Verb } from './verb.ts'

/**
 * NIP-01: read. Register live, remember the newest row, read up to it, say EOSE, then release what arrived
 * meanwhile: nothing is missed, nothing comes twice.
 */
export const req: Verb<'REQ'> = {
  nip: 1,
  async run({ subscription: id, filters }, session, engine) {
    engine.rates.request(session.remote, 'REQ', filters)
    requireServable(filters, session, engine)
    requireRoom(id, session, engine.limits.maxSubscriptions)
    const subscription = engine.subscriptions.open({ id, filters, session, upTo: engine.store.newest() })
    const sent = new Set<number>()
    await session.inTurn(async () => {
      for (const filter of filters) await sendStored({ filter, subscription, sent, reader: session.reader() }, engine)
    })
    const invites = await engine.members.invitesFor(filters, session.keys)
    if (!subscription.isOpen()) return
    for (const json of invites) session.deliver(id, json)
    session.reply(['EOSE', id])
    subscription.release()
  },
  refuse: ({ subscription }, fault) => ['CLOSED', subscription, closedText(fault)],
}

function requireRoom(id: string, session: Session, limit: number): void {
  if (session.subscriptions.size >= limit && !session.subscriptions.has(id))
    throw new Fault('invalid', 'too many concurrent REQs')
}

type Scan = {
  readonly filter: Filter
  readonly subscription: Subscription
  readonly reader: Reader
  /** What other filters of the request have sent already. */
  readonly sent: Set<number>
}

/** Sends one filter's stored events page by page, waiting for the client to take each before the next is read. */
async function sendStored(scan: Scan, engine: Engine): Promise<void> {
  const { filter, subscription } = scan
  const most = engine.limits.message.maxLimit
  let left = Math.min(filter.limit ?? most, most)
  let after: Position | undefined
  while (left > 0 && subscription.isOpen()) {
    const page = await readPage(scan, { left, after }, engine)
    if (!subscription.isOpen()) return
    sendNew(page, scan)
    left -= page.rows.length
    after = page.next
    if (after === undefined) return
    await subscription.session.sent()
    await engine.breathe()
  }
}

const readPage = (
  { filter, subscription, reader }: Scan,
  { left, after }: { left: number; after: Position | undefined },
  { store, clock }: Engine,
): Promise<Page> =>
  store.read({
    filter: { ...filter, limit: left },
    reader,
    upTo: subscription.upTo,
    now: clock.now(),
    ...(after === undefined ? {} : { after }),
  })

function sendNew({ rows }: Page, { subscription, sent }: Scan): void {
  for (const { seq, json } of rows) {
    if (!sent.has(seq)) subscription.session.deliver(subscription.id, json)
    sent.add(seq)
  }
}
