import { matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { isHiddenKind, mayBeKept, mayRead, needsLook } from '../read-rules.ts'
import { merge } from './merge.ts'
import { plan } from './plan.ts'
import type { Standing } from './postings.ts'
import { boundsOf, lookUp, openRange, openRecent, type Range } from './ranges.ts'
import type { Index } from './rows.ts'
import { byPosition, PAGE, type Page, type Places, type Position, type Read, type Row } from './store.ts'
import type { Texts } from './texts.ts'

/** What reading needs: where events are found, their texts, and the time in milliseconds. */
export type ScanDeps = { readonly index: Index; readonly texts: Texts; readonly millis: () => number }

/** Milliseconds after which a page ends, so that everybody else gets a turn. */
const SLICE = 6
/** Positions of one page of places: most cost no look at an event. */
const PLACES = 5000
/** Standings that are looked at together. */
const TOGETHER = 100

type Found = Position & { readonly seq: number; readonly json: string | undefined }

type Want = {
  /** Most that is taken, and most that is looked at on the way. */
  readonly most: number
  readonly scanned: number
  /** Whether the text of each is wanted, too. */
  readonly whole: boolean
  /** Told of each in turn; `false` ends the page. */
  readonly take: (found: Found) => boolean
}

/** One page of events in NIP-01's order. */
export function readPage(deps: ScanDeps, read: Read): Page {
  const rows: Row[] = []
  const most = Math.min(PAGE.rows, read.filter.limit)
  let bytes = 0
  const next = scan(deps, read, {
    most,
    scanned: PAGE.scanned,
    whole: true,
    take({ json, ...row }) {
      if (json === undefined) return true
      rows.push({ ...row, json })
      bytes += json.length
      return rows.length < most && bytes < PAGE.bytes
    },
  })
  return next && rows.length < read.filter.limit ? { rows, next } : { rows }
}

/** One page of the same answer without the events. */
export function readPlaces(deps: ScanDeps, read: Read): Places {
  const places: Position[] = []
  const most = Math.min(PLACES, read.filter.limit)
  const next = scan(deps, read, {
    most,
    scanned: PLACES,
    whole: false,
    take: ({ createdAt, id }) => places.push({ createdAt, id }) < most,
  })
  return next && places.length < read.filter.limit ? { places, next } : { places }
}

/** Hands out what fits until a budget is spent; gives the place to go on behind, nothing at the end. */
function scan(deps: ScanDeps, read: Read, want: Want): Position | undefined {
  if (want.most === 0) return undefined
  const { covers, range } = open(deps, read, want.most)
  const look = createLook(deps, read, { covers, whole: want.whole })
  const until = deps.millis() + SLICE
  let scanned = 0
  let taken = 0
  let next: Position | undefined
  for (let some = nextOf(range, want.most); some.length > 0 && !next; some = nextOf(range, count())) {
    const found = look.fitting(some)
    const end = found.find((one) => !want.take(one))
    scanned += some.length
    taken += found.length
    next = end ?? (scanned >= want.scanned || deps.millis() >= until ? look.placeOf(some) : undefined)
  }
  return next

  /** As many as are wanted still, and more of them the longer nothing fits. */
  function count(): number {
    return next ? 0 : Math.max(want.most - taken, scanned)
  }
}

function open({ index: { sql, recent } }: ScanDeps, read: Read, most: number): { covers: boolean; range: Range } {
  const { index, terms, covers } = plan(read.filter)
  const bounds = boundsOf(read)
  const near = terms.flatMap((term) => recent.under(term).map((rows) => openRecent(recent, rows, bounds)))
  if (index === 'id') return { covers, range: merge([...near, lookUp(sql, terms, bounds)]) }
  const chunk = Math.max(2, Math.min(TOGETHER, Math.ceil((covers ? most + 1 : 2 * most) / Math.max(terms.length, 1))))
  const far = terms.map((term) => openRange(sql, term, { bounds, chunk }))
  const [only] = far
  return { covers, range: only && far.length === 1 && near.length === 0 ? only : merge([...near, ...far]) }
}

/** About `count` candidates, `TOGETHER` at most; those that the index cannot tell apart come together. */
function nextOf(range: Range, count: number): Standing[] {
  const some: Standing[] = []
  for (let head = range.head(); head && count > 0; head = range.head()) {
    const last = some.at(-1)
    if (some.length >= Math.min(count, TOGETHER) && last && (last[1] !== head[1] || last[2] !== head[2])) break
    some.push(head)
    range.advance()
  }
  return some
}

type Look = {
  /** Those that fit, in NIP-01's order. */
  readonly fitting: (some: readonly Standing[]) => Found[]
  /** Where the last of them stands. */
  readonly placeOf: (some: readonly Standing[]) => Position | undefined
}

/** Decides by the index alone where it says everything, else by the event. */
function createLook({ texts }: ScanDeps, read: Read, { covers, whole }: { covers: boolean; whole: boolean }): Look {
  const { filter, reader, after } = read
  const isAsked = ([, , , kind]: Standing): boolean => (filter.kinds?.has(kind) ?? true) && !isHiddenKind(kind, reader)
  const isOpen = (kind: number): boolean => !covers || needsLook(kind, reader)

  function fits([, , , kind]: Standing, json: string): boolean {
    if (!isOpen(kind) || (covers && !mayBeKept(kind, json, reader))) return true
    const event = JSON.parse(json) as NostrEvent
    return matches(filter, event) && mayRead(event, reader)
  }

  function found(some: readonly Standing[]): Found[] {
    const known = texts.find(some.map(([seq, , , kind]) => ({ seq, whole: whole || isOpen(kind) })))
    return some.flatMap((candidate, at) => {
      const one = known[at]
      if (one === undefined) return []
      const { id, json } = one
      const [seq, age] = candidate
      const place = { seq, createdAt: -age, id, json }
      if (after && byPosition(place, after) <= 0) return []
      return json === undefined || fits(candidate, json) ? [place] : []
    })
  }

  return {
    fitting: (some) => found(some.filter(isAsked)).sort(byPosition),
    placeOf: (some) =>
      some
        .slice(-8)
        .flatMap(([seq, age]) => {
          const id = texts.find([{ seq, whole: false }])[0]?.id
          return id === undefined ? [] : [{ createdAt: -age, id }]
        })
        .sort(byPosition)
        .at(-1),
  }
}
