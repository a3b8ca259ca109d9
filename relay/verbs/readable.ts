import type { Filter } from '#nips/filter'
import { refuseFilter } from '../read-rules.ts'
import type { Session } from '../session.ts'

/** Throws for the first filter that asks for private kinds which this client may not read. */
export function requireReadable(filters: readonly Filter[], session: Session): void {
  const reader = session.reader()
  for (const filter of filters) {
    const fault = refuseFilter(filter, reader)
    if (fault) throw fault
  }
}
