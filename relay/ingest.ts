import { SignedEvent } from '#nips/event'
import type { Verify } from '#nips/keys'
import { isPrivate, storageOf } from '#nips/kinds'
import type { RelayMessage } from '#nips/message'
import { type Judging, policies } from './policies/index.ts'
import { mayRead, type Reader } from './read-rules.ts'
import { type PutResult, toJson } from './store/store.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { Writer } from './writer.ts'

/** Takes one event from the wire and says what became of it. Throws the Fault that refuses it. */
export type Ingest = (raw: unknown, reader: Reader) => Promise<RelayMessage>

export type IngestDeps = {
  verify: Verify
  writer: Writer
  subscriptions: Subscriptions
  /** What the policies go by, for an event that comes from `reader` now. */
  judging: (reader: Reader) => Judging
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
  ({ verify, writer, subscriptions, judging }: IngestDeps): Ingest =>
  async (raw, reader) => {
    const event = SignedEvent.open(raw, verify)
    await judge(event, judging(reader))
    const json = toJson(event)
    if (storageOf(event.kind) === 'ephemeral') {
      subscriptions.broadcast(event, json)
      return ['OK', event.id, true, '']
    }
    const { outcome } = await writer.put({ event, json })
    const [accepted, reason] = answers[outcome]
    const secret = outcome === 'duplicate' && isPrivate(event.kind) && !mayRead(event, reader)
    return ['OK', event.id, accepted, secret ? '' : reason]
  }

/**
 * Throws the first refusal. Only waits where a policy has to look something up,
 * so that events of one connection reach the writer in the order they came.
 */
async function judge(event: SignedEvent, judging: Judging): Promise<void> {
  for (const { refuse } of policies) {
    const verdict = refuse(event, judging)
    const fault = verdict instanceof Promise ? await verdict : verdict
    if (fault) throw fault
  }
}
