import type { NostrEvent } from '#nips/keys'
import { isPrivate } from '#nips/kinds'
import { wordsOf } from '#nips/nip50'
import type { Sql } from './database.ts'
import { marksOf, setMark } from './marks.ts'
import { parse, type Stored } from './rows.ts'

/** What an event is found by, one word after the other; nothing for private kinds. */
const spellOut = ({ kind, content }: NostrEvent): string => (isPrivate(kind) ? '' : wordsOf(content).join(' '))

/** Puts the words of the next events into the index, `most` at a time, and says how many events that were. */
export function learnWords(sql: Sql, most: number): number {
  const after = marksOf(sql).searched
  const rows = sql('SELECT seq, json FROM events WHERE seq > ? ORDER BY seq LIMIT ?').all(after, most) as [
    seq: number,
    json: string,
  ][]
  for (const [seq, json] of rows) {
    const text = spellOut(parse({ json }))
    if (text !== '') sql('INSERT INTO words (rowid, text) VALUES (?, ?)').run(seq, text)
  }
  const last = rows.at(-1)
  if (last) setMark(sql, 'searched', last[0])
  return rows.length
}

/** Takes an event's words out of the index, without a trace of them. */
export function forgetWords(sql: Sql, row: Stored): void {
  if (row.seq > marksOf(sql).searched) return
  const text = spellOut(parse(row))
  if (text !== '') sql("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)").run(row.seq, text)
}
