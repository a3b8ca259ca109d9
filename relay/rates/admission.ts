import type { NostrEvent } from '#nips/keys'
import { storageOf } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { createRates, type Rates } from './rates.ts'
import { createUsages, type Usages } from './usages.ts'

/** What is remembered about who sends how much. */
export type Admission = {
  readonly rates: Rates
  readonly usages: Usages
  /** Counts an event that was new here: `bytes` of text that came from `remote`. */
  taken(event: NostrEvent, bytes: number, remote: string): void
}

export type AdmissionDeps = {
  store: Pick<Store, 'usage'>
  clock: Pick<Clock, 'now' | 'millis'>
  limits: () => Limits
}

export function createAdmission({ store, clock, limits }: AdmissionDeps): Admission {
  const rates = createRates(clock.millis, () => limits().rates)
  const usages = createUsages(store.usage, clock.now)
  return {
    rates,
    usages,
    taken({ kind, pubkey }, bytes, remote) {
      rates.published(pubkey, remote)
      if (storageOf(kind) !== 'ephemeral') usages.add(pubkey, bytes)
    },
  }
}
