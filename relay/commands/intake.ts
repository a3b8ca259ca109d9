import { expiration, SignedEvent } from '#nips/event'
import { storageOf } from '#nips/kinds'
import { parseJson } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { createBatch } from '../batch.ts'
import type { Entry, PutResult, Store } from '../store/store.ts'
import { namedId } from '../verbs/texts.ts'
import { sha256 } from '../verify/hash.ts'
import type { Claim, Verifier } from '../verify/verifier.ts'

/** What became of the events so far. */
export type Tally = { processed: number; added: number; rejected: number; dups: number }

/** Events on their way from somewhere else into the store. */
export type Intake = {
  readonly tally: Readonly<Tally>
  /**
   * Checks and stores one event, given as text or as a value, if `allows` (asked about what is signed rightly) lets it
   * pass. Resolves after the commit; rejects when it cannot be written.
   */
  add(raw: unknown, allows?: Allows): Promise<void>
}
type Allows = (event: SignedEvent) => Promise<boolean>

export type IntakeDeps = {
  store: Store
  /** Without one, ids and signatures are taken as they are. */
  verifier?: Verifier | undefined
  clock: Pick<Clock, 'now'>
  /** Most events of one transaction: while it is written, no other process writes. */
  writeBatch?: number | undefined
  onRejected?: (id: string, why: string) => void
}

const SIGNATURES = 512
/** Short enough that a relay on the same file is not kept waiting. */
const WRITES = 1000

const refused: Partial<Record<PutResult['outcome'], string>> = {
  replaced: 'replaced: have newer event',
  deleted: 'deleted: user requested deletion',
  vanished: 'blocked: user requested to vanish',
}

/** The way in for commands: as strict as the relay's door about what an event is, but policies are not asked. */
export function createIntake(deps: IntakeDeps): Intake {
  const { store, verifier, clock, writeBatch = WRITES, onRejected = () => undefined } = deps
  const signatures =
    verifier && createBatch<Claim, boolean>({ most: SIGNATURES, defer: setImmediate, run: verifier.verify })
  const writes = createBatch<Entry, PutResult>({ most: writeBatch, defer: setImmediate, run: store.put })
  const tally: Tally = { processed: 0, added: 0, rejected: 0, dups: 0 }

  const open = (raw: unknown) =>
    signatures
      ? SignedEvent.opening(raw, signatures.add, sha256)
      : SignedEvent.opening(
          raw,
          async () => true,
          () => namedId(raw),
        )

  async function take(raw: unknown, allows: Allows): Promise<void> {
    const { event, json } = await open(raw)
    requireStorable(event, clock.now())
    if (!(await allows(event))) {
      tally.rejected += 1
      return
    }
    const { outcome } = await writes.add({ event, json })
    if (outcome === 'stored') tally.added += 1
    else if (outcome === 'duplicate') tally.dups += 1
    else reject(raw, refused[outcome] ?? outcome)
  }

  function reject(raw: unknown, why: string): void {
    tally.rejected += 1
    onRejected(namedId(typeof raw === 'string' ? parseJson(raw) : raw), why)
  }

  return {
    tally,
    async add(raw, allows = async () => true) {
      tally.processed += 1
      try {
        await take(raw, allows)
      } catch (thrown) {
        if (!(thrown instanceof Fault) || thrown.code === 'unavailable') throw thrown
        reject(raw, thrown.reason)
      }
    },
  }
}

function requireStorable(event: SignedEvent, now: number): void {
  if (storageOf(event.kind) === 'ephemeral') throw new Fault('invalid', 'ephemeral events are not stored')
  if ((expiration(event) ?? Number.POSITIVE_INFINITY) <= now) throw new Fault('invalid', 'event expired')
}

export const tallyText = ({ processed, added, rejected, dups }: Tally): string =>
  `Processed ${processed} lines. ${added} added, ${rejected} rejected, ${dups} dups`
