import { type Filter, matches } from '#nips/filter'
import { searchWords } from '#nips/nip50'
import type { Database, Sql } from './database.ts'
import { expiresAt } from './erasure.ts'
import { marksOf } from './marks.ts'
import { plan } from './plan.ts'
import { parse } from './rows.ts'
import { bytesOf, type Term } from './terms.ts'

export type Search = {
  readonly filter: Filter & { readonly search: string }
  readonly upTo: number
  readonly now: number
  /** Most numbers wanted. */
  readonly most: number
}

/** Questions that take long: asked of a thread of its own, so that nobody else waits. */
export type Inquiry = {
  /** Numbers of the events that match, the most relevant first (BM25); who may read them is not asked. */
  readonly search: (search: Search) => number[]
  /** Writes a copy of everything into a new file. */
  readonly backup: (target: string) => void
}

/** The newest events with all the words that are weighed against each other. */
const WEIGHED = 20_000
/** The newest events whose words are not in the index yet that are looked at. */
const UNWEIGHED = 5000
/** Events that are looked at together. */
const TOGETHER = 100
/** More terms than this are no help in finding few events. */
const MOST_TERMS = 100

export const createInquiry = ({ sql }: Database): Inquiry => ({
  search(search) {
    const { filter, now, most } = search
    const found: number[] = []
    const seqs = [...unweighed(sql, search), ...weighed(sql, search)]
    for (let at = 0; at < seqs.length && found.length < most; at += TOGETHER)
      for (const [seq, json] of inOrder(sql, seqs.slice(at, at + TOGETHER))) {
        const event = parse({ json })
        if (matches(filter, event) && (expiresAt(event) ?? Number.POSITIVE_INFINITY) > now) found.push(seq)
      }
    return found.slice(0, most)
  },
  backup(target) {
    sql('VACUUM INTO ?').run(target)
  },
})

/** What is too new for the index, newest first. */
const unweighed = (sql: Sql, { upTo }: Search): number[] =>
  (
    sql('SELECT seq FROM events WHERE seq > ? AND seq <= ? ORDER BY seq DESC LIMIT ?').all(
      marksOf(sql).searched,
      upTo,
      UNWEIGHED,
    ) as [number][]
  ).map(([seq]) => seq)

/** What has all the words, the most relevant first; among equals the one that came last. */
function weighed(sql: Sql, { filter, upTo }: Search): number[] {
  const phrase = searchWords(filter.search)
    .map((word) => `"${word}"`)
    .join(' ')
  if (phrase === '') return []
  const terms = narrowing(filter)
  const rows = sql(
    `SELECT rowid, bm25(words) FROM words WHERE words MATCH ? AND rowid <= ? ${among(terms)}
     ORDER BY rowid DESC LIMIT ${WEIGHED}`,
  ).all(phrase, upTo, ...(terms.length > 0 ? [marksOf(sql).indexed, ...terms.map(bytesOf)] : [])) as [
    seq: number,
    weight: number,
  ][]
  return rows.sort(([, a], [, b]) => a - b).map(([seq]) => seq)
}

/** The terms of a filter that few events have. */
function narrowing(filter: Filter): readonly Term[] {
  const { index, terms } = plan(filter)
  return index === 'kind' || index === 'time' || terms.length > MOST_TERMS ? [] : terms
}

/** Among those under the terms, or too new to stand under any. */
const among = ({ length }: readonly Term[]): string =>
  length === 0
    ? ''
    : `AND (rowid > ? OR rowid IN (SELECT seq FROM postings WHERE term IN (${Array(length).fill('?').join(', ')})))`

/** Rows of the log in the order of these numbers. */
function inOrder(sql: Sql, seqs: readonly number[]): [seq: number, json: string][] {
  const rows = sql(
    'SELECT e.seq, e.json FROM json_each(?) j CROSS JOIN events e ON e.seq = j.value ORDER BY j.key',
  ).all(JSON.stringify(seqs))
  return rows as [number, string][]
}
