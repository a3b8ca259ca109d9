import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { mayRead } from '../read-rules.ts'
import type { Inquiry } from './inquiry.ts'
import { byPosition, PAGE, type Page, type Places, type Position, type Read, type Row } from './store.ts'
import type { Texts } from './texts.ts'
import type { Asking } from './thread/asking.ts'

/** A read whose filter asks for words (NIP-50). */
export type WordRead = Read & { readonly filter: Filter & { readonly limit: number; readonly search: string } }
export const asksForWords = (read: Read): read is WordRead => read.filter.search !== undefined

export type FoundDeps = { readonly inquiry: Pick<Asking<Inquiry>, 'ask'>; readonly texts: Texts }

/** Most bytes of one answer, which has no pages: what is less relevant is left out. */
const MOST_BYTES = 16 * PAGE.bytes
/** Most numbers that are asked for, so that one reader's many hidden events do not become everybody's work. */
const MOST_FOUND = 20_000

/** The whole answer in order of relevance, as one page. */
export async function readFound(deps: FoundDeps, read: WordRead): Promise<Page> {
  const { limit } = read.filter
  let rows: Row[] = []
  for (let most = limit; most > 0; most *= 4) {
    const found = await askFor(deps, read, Math.min(most, MOST_FOUND))
    rows = found.rows
    if (rows.length >= limit || found.count < most || most >= MOST_FOUND) break
  }
  let bytes = 0
  const fits = (row: Row): boolean => {
    bytes += row.json.length
    return bytes <= MOST_BYTES
  }
  return { rows: rows.slice(0, limit).filter(fits) }
}

/** Where they stand, in NIP-01's order: who counts or compares wants no relevance. */
export async function readFoundPlaces(deps: FoundDeps, read: WordRead): Promise<Places> {
  const { after, filter } = read
  const { rows } = await askFor(deps, read, MOST_FOUND)
  const places = rows
    .map(({ createdAt, id }): Position => ({ createdAt, id }))
    .filter((place) => after === undefined || byPosition(place, after) > 0)
    .sort(byPosition)
  return { places: places.slice(0, filter.limit) }
}

async function askFor({ inquiry, texts }: FoundDeps, read: WordRead, most: number) {
  const { filter, reader, upTo, now } = read
  const seqs = await inquiry.ask('search', { filter, upTo, now, most })
  const known = texts.find(seqs.map((seq) => ({ seq, whole: true })))
  const rows = known.flatMap((one, at): Row[] => {
    const [json, seq] = [one?.json, seqs[at]]
    if (json === undefined || seq === undefined) return []
    const event = JSON.parse(json) as NostrEvent
    return mayRead(event, reader) ? [{ seq, json, createdAt: event.created_at, id: event.id }] : []
  })
  return { rows, count: seqs.length }
}
