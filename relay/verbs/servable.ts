import type { Filter } from '#nips/filter'
import { Fault } from '#nips/kit/fault'
import { refuseFilter } from '../read-rules.ts'
import type { Session } from '../session.ts'
import type { Engine } from './verb.ts'

/** What an operator may ask of requests beyond the limits (strfry's `relay.filterValidation`). */
export type FilterRules = {
  readonly isOn: boolean
  readonly maxFilters: number
  readonly minFilters: number
  /** Kinds of one filter. */
  readonly maxKinds: number
  /** Empty: every kind may be asked for. */
  readonly kinds: ReadonlySet<number>
  /** Whether each filter has to name authors or a tag. */
  readonly needsAuthorOrTag: boolean
}

/** Throws when the operator does not want such a request answered, or it asks for private kinds that this client may not read. */
export function requireServable(filters: readonly Filter[], session: Session, { limits }: Engine): void {
  const problem = limits.filterRules.isOn ? problemOf(filters, limits.filterRules) : undefined
  if (problem !== undefined) throw new Fault('invalid', `bad req: filter validation failed: ${problem}`)
  const reader = session.reader()
  for (const filter of filters) {
    const fault = refuseFilter(filter, reader)
    if (fault) throw fault
  }
}

function problemOf(filters: readonly Filter[], rules: FilterRules): string | undefined {
  if (filters.length > rules.maxFilters) return `too many filters: ${filters.length}`
  if (filters.length < rules.minFilters) return `too few filters: ${filters.length}`
  return filters.map((filter) => problemOfOne(filter, rules)).find((problem) => problem !== undefined)
}

function problemOfOne({ kinds, authors, tags }: Filter, rules: FilterRules): string | undefined {
  if (kinds && kinds.size > rules.maxKinds) return `too many kinds: ${kinds.size}`
  if (rules.kinds.size > 0 && !kinds) return 'kinds have to be named'
  const other = [...(kinds ?? [])].find((kind) => rules.kinds.size > 0 && !rules.kinds.has(kind))
  if (other !== undefined) return `kind not allowed: ${other}`
  return rules.needsAuthorOrTag && !authors && !tags ? 'an author or a tag has to be named' : undefined
}
