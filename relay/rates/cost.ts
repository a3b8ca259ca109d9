import type { Filter } from '#nips/filter'

/** What a request takes beyond one that is answered as it goes: COUNT looks at more, NEG-OPEN keeps it. */
const factors = { REQ: 1, COUNT: 4, 'NEG-OPEN': 10, 'NEG-MSG': 1 } as const
export type Asking = keyof typeof factors

/** What a request takes from its client's bucket: 1 for a filter that names a few things, more for a wide one. */
export const costOf = (verb: Asking, filters: readonly Filter[]): number =>
  factors[verb] * filters.reduce((sum, filter) => sum + costOfFilter(filter), 0)

/** Every fifty values are one more; without any of them much has to be looked at, and a search asks an index of its own. */
function costOfFilter({ ids, authors, kinds, tags, search, limit }: Filter): number {
  if (limit === 0) return 1
  const sizes = [ids, ...(tags?.values() ?? []), authors].flatMap((set) => set?.size ?? [])
  const width = sizes.length > 0 ? Math.floor(Math.min(...sizes) / 50) : kinds ? 2 : 5
  return 1 + width + (search === undefined ? 0 : 3)
}
