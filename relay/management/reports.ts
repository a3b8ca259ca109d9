import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'
import { allOf } from '../all-of.ts'
import { mayRead, type Reader } from '../read-rules.ts'
import type { Store } from '../store/store.ts'

/** What people say against one event (NIP-56): who says what. */
export type Reported = { readonly id: string; readonly reasons: ReadonlyMap<string, ReadonlySet<string>> }

/** Reports that are looked at, the latest ones. */
const REPORTS = 10_000
/** How many are looked at before everybody else has a turn. */
const PAUSE = 100

type Asking = {
  readonly store: Store
  readonly reader: Reader
  readonly now: number
  /** Whose reports do not count. */
  readonly isIgnored: (pubkey: string) => boolean
  readonly breathe: () => Promise<void>
}

/** The events that were reported and that the reader may read, most reporters first. */
export async function reportedEvents({ store, reader, now, isIgnored, breathe }: Asking): Promise<Reported[]> {
  const found = new Map<string, Map<string, Set<string>>>()
  let count = 0
  for await (const report of reports(store, now)) {
    count += 1
    if (count % PAUSE === 0) await breathe()
    if (!isIgnored(report.pubkey) && mayRead(report, reader)) note(found, report)
  }
  const there: Reported[] = []
  for (const [id, reasons] of found) {
    count += 1
    if (count % PAUSE === 0) await breathe()
    const event = await store.get(id)
    if (event && mayRead(event, reader)) there.push({ id, reasons })
  }
  return there.sort((a, b) => reporters(b) - reporters(a))
}

async function* reports(store: Store, now: number): AsyncGenerator<NostrEvent> {
  const filter: Filter = { kinds: new Set([kind.report]) }
  let left = REPORTS
  for await (const { json } of allOf(store, filter, now)) {
    if (left === 0) return
    left -= 1
    yield JSON.parse(json) as NostrEvent
  }
}

const reporters = ({ reasons }: Reported): number => new Set([...reasons.values()].flatMap((keys) => [...keys])).size

function note(found: Map<string, Map<string, Set<string>>>, { pubkey, tags, content }: NostrEvent): void {
  for (const [name, id, type = ''] of tags) {
    if (name !== 'e' || !isHex(id, 64)) continue
    const reasons = found.get(id) ?? new Map<string, Set<string>>()
    const reason = [type.slice(0, 32) || 'other', content.slice(0, 200)].filter((part) => part !== '').join(': ')
    reasons.set(reason, (reasons.get(reason) ?? new Set()).add(pubkey))
    found.set(id, reasons)
  }
}

/** For example `2 × spam; 1 × illegal: he insults the king`. */
export const reasonText = ({ reasons }: Reported): string =>
  [...reasons]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, 10)
    .map(([reason, keys]) => `${keys.size} × ${reason}`)
    .join('; ')
