import type { Filter } from '#nips/filter'
import { Fault } from '#nips/kit/fault'
import type { RelayMessage } from '#nips/message'
import type { Limits } from '../limits.ts'
import { gather, inTurns } from '../negentropy/gather.ts'
import type { Reconciliation } from '../negentropy/reconciliations.ts'
import { respond } from '../negentropy/respond.ts'
import type { Session } from '../session.ts'
import { requireServable } from './servable.ts'
import { negErrText } from './texts.ts'
import type { Engine, Verb } from './verb.ts'

const refuse = ({ subscription }: { subscription: string }, fault: Fault): RelayMessage => [
  'NEG-ERR',
  subscription,
  negErrText(fault),
]

const isOn = ({ maxSyncEvents }: Limits): boolean => maxSyncEvents > 0

/** NIP-77: begin to compare what the client has of a filter with what is here. */
export const negOpen: Verb<'NEG-OPEN'> = {
  nip: 77,
  isOn,
  async run({ subscription: name, filter, message }, session, engine) {
    if (engine.limits.maxSyncEvents === 0) return session.reply(['NOTICE', 'ERROR: bad msg: negentropy disabled'])
    engine.rates.request(session.remote, 'NEG-OPEN', [filter])
    requireServable([filter], session, engine)
    const opened = engine.reconciliations.open(session, name, engine.clock.now())
    const isWanted = () => engine.reconciliations.find(session, name) === opened
    const most = engine.limits.maxSyncEvents
    await engine.reconciliations.gather(opened, most, async () => {
      if (!isWanted()) return undefined
      const records = await gather({ filter, reader: session.reader(), most, isWanted }, engine)
      if (records === undefined && isWanted()) throw new Fault('conflict', 'too many query results')
      return records
    })
    await answer({ opened, name, message }, session, engine)
  },
  refuse,
}

/** What one message may be about. */
const everything: readonly Filter[] = [{}]

/** NIP-77: the next message of a comparison. One at a time: the client waits for each answer. */
export const negMsg: Verb<'NEG-MSG'> = {
  nip: 77,
  isOn,
  async run({ subscription: name, message }, session, engine) {
    engine.rates.request(session.remote, 'NEG-MSG', everything)
    const opened = engine.reconciliations.find(session, name)
    if (!opened) return session.reply(['NEG-ERR', name, 'closed: unknown subscription handle'])
    if (opened.busy) throw new Fault('invalid', 'the message before this one is not answered yet')
    await answer({ opened, name, message }, session, engine)
  },
  refuse,
}

/** NIP-77: the client is done. There is no answer. */
export const negClose: Verb<'NEG-CLOSE'> = {
  nip: 77,
  isOn,
  run: ({ subscription }, session, { reconciliations }) => reconciliations.close(session, subscription),
  refuse,
}

/** Bytes of one message, as strfry has it; on the wire each is two hex digits. */
const FRAME = 500_000
/** Ranges that are answered between two breaths; one costs at most 16 hashes. */
const STRIDE = 32

type Turn = { readonly opened: Reconciliation; readonly name: string; readonly message: string }

async function answer({ opened, name, message }: Turn, session: Session, engine: Engine): Promise<void> {
  const { reconciliations, clock, breathe } = engine
  const { records } = opened
  const isOpen = () => reconciliations.find(session, name) === opened
  if (!records || !isOpen()) return
  opened.busy = true
  await session.sent()
  const reply = await inTurns(respond(records, message, FRAME), breathe, STRIDE)
  opened.busy = false
  opened.heard = clock.now()
  if (isOpen()) session.reply(['NEG-MSG', name, reply])
}
