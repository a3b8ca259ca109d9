import { Fault } from '#nips/kit/fault'
import type { BrokerStore, InstanceRow } from '../store/store.ts'

/** The row, if it is that owner's. Somebody else's and none at all are the same answer. */
export function requireOwn(store: BrokerStore, instance: string, owner: string): InstanceRow {
  const row = store.instance(instance)
  if (row === undefined || row.owner !== owner) throw new Fault('not-found', 'no such instance')
  return row
}
