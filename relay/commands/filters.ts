import { tag } from '#nips/event'
import { type Filter, type FilterLimits, parseFilter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { isPrivate } from '#nips/kinds'
import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { mayRead, type Reader, relayItself, stranger } from '../read-rules.ts'

/** The operator may ask for as much as there is. */
const limits: FilterLimits = { maxValues: 1_000_000, maxTags: 52, maxLimit: Number.MAX_SAFE_INTEGER }

/** A filter as it was written and as it is used; several where an array was written. */
export type Filters = {
  readonly json: Record<string, unknown> | readonly unknown[]
  readonly parsed: readonly Filter[]
}

/** Reads a filter, or an array of them, from a command line. */
export function readFilters(text: string): Filters {
  const json = parseJson(text)
  if (typeof json !== 'object' || json === null) throw new Fault('invalid', 'the filter is not a JSON object')
  return filtersOf(json as Filters['json'])
}

export const filtersOf = (json: Filters['json']): Filters => ({
  json,
  parsed: (Array.isArray(json) ? json : [json]).map((one) => parseFilter(one, limits)),
})

/**
 * Who another relay is to the read rule: it gets what everybody gets, and private kinds only where the filter names them.
 * A command that sends everything must not carry away what is private.
 */
export const readerFor = ({ parsed }: Filters): Reader =>
  parsed.every(({ kinds }) => kinds !== undefined && [...kinds].some(isPrivate)) ? relayItself : stranger

/** The same for one event; what was said in a group (NIP-29) leaves only where the filter names groups. */
export function mayLeave(event: NostrEvent, filters: Filters): boolean {
  const namesGroups = filters.parsed.every(({ tags }) => tags?.has('h') || tags?.has('d'))
  return mayRead(event, readerFor(filters)) && (namesGroups || tag(event, 'h') === undefined)
}

const units: Record<string, number> = {
  ...{ s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 },
  ...{ M: 86_400 * 30.5, Y: 86_400 * 365.2425 },
}

/** Adds `since` and `until` from a range like `2M-` or `1Y-3w`, counted back from now, in seconds. */
export function withRange({ json }: Filters, range: string | undefined, now: number): Filters {
  if (range === undefined) return filtersOf(json)
  const [, from, to] = /^([^-]*)-([^-]*)$/.exec(range) ?? []
  if (from === undefined || to === undefined)
    throw new Fault('invalid', '--range has to be START-END, as in 2M- or 1Y-3w')
  if (Array.isArray(json)) throw new Fault('invalid', '--range needs one filter')
  if ('since' in json || 'until' in json) throw new Fault('invalid', '--range and since or until do not go together')
  const since = from === '' ? {} : { since: Math.max(0, now - secondsOf(from)) }
  const until = to === '' ? {} : { until: Math.max(0, now - secondsOf(to)) }
  if ((since.since ?? 0) > (until.until ?? now)) throw new Fault('invalid', 'the range ends before it begins')
  return filtersOf({ ...json, ...since, ...until })
}

function secondsOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([smhdwMY])$/.exec(text) ?? []
  if (number === undefined) throw new Fault('invalid', `${text} is no time: a number and one of s m h d w M Y`)
  return Math.floor(Number(number) * (units[unit] ?? 0))
}
