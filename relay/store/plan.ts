import type { Filter } from '#nips/filter'
import { authorKindTerm, authorTerm, everything, idTerm, kindTerm, type Term, tagTerm } from './terms.ts'

/** Which terms answer a filter: one range of the index for each. */
export type Plan = {
  readonly index: 'id' | 'tag' | 'author-kind' | 'author' | 'kind' | 'time'
  readonly terms: readonly Term[]
  /** The terms and the kind that stands beside them say all that the filter asks: no event has to be looked at. */
  readonly covers: boolean
}

/** More author and kind pairs than this are cheaper to read by author alone. */
const MOST_PAIRS = 1000

/** No term says whether words are found: what a search asks for has to be looked at. */
export function plan(filter: Filter): Plan {
  const planned = planExactly(filter)
  return filter.search === undefined ? planned : { ...planned, covers: false }
}

/** Chooses the narrowest index: ids, then the tag with the fewest values, then authors (with kinds), kinds, time. */
function planExactly(filter: Filter): Plan {
  const { ids, authors, kinds } = filter
  const tags = [...(filter.tags ?? [])].sort(([, a], [, b]) => a.size - b.size)
  if (ids) return { index: 'id', terms: [...ids].map(idTerm), covers: authors === undefined && tags.length === 0 }
  const [tag] = tags
  if (tag) {
    const [letter, values] = tag
    const terms = [...values].map((value) => tagTerm(letter, value))
    return { index: 'tag', terms, covers: authors === undefined && tags.length === 1 }
  }
  if (authors) return byAuthor([...authors], kinds)
  if (kinds) return { index: 'kind', terms: [...kinds].map(kindTerm), covers: true }
  return { index: 'time', terms: [everything], covers: true }
}

function byAuthor(authors: string[], kinds: ReadonlySet<number> | undefined): Plan {
  if (kinds === undefined || kinds.size * authors.length > MOST_PAIRS)
    return { index: 'author', terms: authors.map(authorTerm), covers: true }
  const pairs = authors.flatMap((author) => [...kinds].map((number) => authorKindTerm(author, number)))
  return { index: 'author-kind', terms: pairs, covers: true }
}
