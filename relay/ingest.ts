import { SignedEvent } from '#nips/event'
import { kind, storageOf } from '#nips/kinds'
import type { RelayMessage } from '#nips/message'
import { isGroupAction } from '#nips/nip29'
import type { Batch } from './batch.ts'
import type { Groups } from './groups/groups.ts'
import type { Membership } from './management/membership.ts'
import type { CounterName, Metrics } from './metrics.ts'
import { type Judging, policies } from './policies/index.ts'
import { mayRead } from './read-rules.ts'
import type { Session } from './session.ts'
import type { PutResult } from './store/store.ts'
import type { Subscriptions } from './subscriptions.ts'
import { sha256 } from './verify/hash.ts'
import type { Claim } from './verify/verifier.ts'
import type { Writer } from './writer.ts'

/** Takes one event from the wire and says what became of it. Throws the Fault that refuses it. */
export type Ingest = (raw: unknown, session: Session) => Promise<RelayMessage>

export type IngestDeps = {
  /** Checks signatures; answers come in the order of the questions. */
  signatures: Pick<Batch<Claim, boolean>, 'add'>
  writer: Writer
  subscriptions: Subscriptions
  groups: Pick<Groups, 'beforeVanishing' | 'settled'>
  members: Pick<Membership, 'isRequest' | 'answer'>
  /** What the policies go by, for an event that comes from `session` now. */
  judging: (session: Session) => Judging
  /** Told of each event that is new here, and how many bytes it has. */
  taken: (event: SignedEvent, bytes: number, remote: string) => void
  metrics: Pick<Metrics, 'add'>
  /** Told of what was thrown instead of an answer. */
  onRefused: (raw: unknown, thrown: unknown, session: Session) => void
}

/** strfry's words. */
const answers: Record<PutResult['outcome'], [accepted: boolean, reason: string]> = {
  stored: [true, ''],
  duplicate: [true, 'duplicate: have this event'],
  replaced: [false, 'replaced: have newer event'],
  deleted: [false, 'deleted: user requested deletion'],
  vanished: [false, 'blocked: user requested to vanish'],
}

const counters: Record<PutResult['outcome'], CounterName> = {
  stored: 'strfry_write_events_total',
  duplicate: 'strfry_write_dups_total',
  replaced: 'strfry_write_rejected_total',
  deleted: 'strfry_write_rejected_total',
  vanished: 'strfry_write_rejected_total',
}

/** Open, judge, put, hand out. OK is said after the commit; ephemeral kinds have none and go out at once. */
export const createIngest =
  (deps: IngestDeps): Ingest =>
  async (raw, session) => {
    try {
      return await take(deps, raw, session)
    } catch (thrown) {
      deps.metrics.add('strfry_write_rejected_total')
      deps.onRefused(raw, thrown, session)
      throw thrown
    }
  }

async function take(deps: IngestDeps, raw: unknown, session: Session): Promise<RelayMessage> {
  const { signatures, writer, subscriptions, groups, members, judging, taken, metrics } = deps
  const { event, json } = await SignedEvent.opening(raw, signatures.add, sha256)
  const judged = judging(session)
  if ((await judge(event, judged)) === 'shadow') return ['OK', event.id, true, '']
  if (members.isRequest(event.kind)) return ['OK', event.id, true, await members.answer(event)]
  if (storageOf(event.kind) === 'ephemeral') {
    taken(event, json.length, session.remote)
    subscriptions.broadcast(event, json)
    return ['OK', event.id, true, '']
  }
  if (event.kind === kind.vanish) await groups.beforeVanishing(event.pubkey)
  const { outcome } = await writer.put({ event, json })
  if (isGroupAction(event.kind)) await groups.settled(event)
  if (outcome === 'stored') {
    taken(event, Buffer.byteLength(json), session.remote)
    metrics.add('nostr_events_total', String(event.kind))
  }
  metrics.add(counters[outcome])
  const [accepted, reason] = answers[outcome]
  const secret = outcome === 'duplicate' && !mayRead(event, judged.reader)
  return ['OK', event.id, accepted, secret ? '' : reason]
}

/**
 * Throws the first refusal; `shadow` is one that its sender shall not notice. Only waits where a policy has to look
 * something up, so that events of one connection reach the writer in the order they came.
 */
async function judge(event: SignedEvent, judging: Judging): Promise<'shadow' | undefined> {
  for (const { refuse } of policies) {
    const verdict = refuse(event, judging)
    const fault = verdict instanceof Promise ? await verdict : verdict
    if (fault === 'shadow') return 'shadow'
    if (fault) throw fault
  }
  return undefined
}
