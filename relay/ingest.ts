import { SignedEvent } from '#nips/event'
import { kind, storageOf } from '#nips/kinds'
import type { RelayMessage } from '#nips/message'
import { isGroupAction } from '#nips/nip29'
import type { Batch } from './batch.ts'
import type { Groups } from './groups/groups.ts'
import { type Judging, policies } from './policies/index.ts'
import { mayRead } from './read-rules.ts'
import type { Session } from './session.ts'
import { type PutResult, toJson } from './store/store.ts'
import type { Subscriptions } from './subscriptions.ts'
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
  /** What the policies go by, for an event that comes from `session` now. */
  judging: (session: Session) => Judging
}

/** strfry's words. */
const answers: Record<PutResult['outcome'], [accepted: boolean, reason: string]> = {
  stored: [true, ''],
  duplicate: [true, 'duplicate: have this event'],
  replaced: [false, 'replaced: have newer event'],
  deleted: [false, 'deleted: user requested deletion'],
  vanished: [false, 'blocked: user requested to vanish'],
}

/** Open, judge, put, hand out. OK is said after the commit; ephemeral kinds have none and go out at once. */
export const createIngest =
  ({ signatures, writer, subscriptions, groups, judging }: IngestDeps): Ingest =>
  async (raw, session) => {
    const event = await SignedEvent.opening(raw, signatures.add)
    const judged = judging(session)
    if ((await judge(event, judged)) === 'shadow') return ['OK', event.id, true, '']
    const json = toJson(event)
    if (storageOf(event.kind) === 'ephemeral') {
      subscriptions.broadcast(event, json)
      return ['OK', event.id, true, '']
    }
    if (event.kind === kind.vanish) await groups.beforeVanishing(event.pubkey)
    const { outcome } = await writer.put({ event, json })
    if (isGroupAction(event.kind)) await groups.settled()
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
