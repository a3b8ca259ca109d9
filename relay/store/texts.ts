import type { Sql } from './database.ts'

/** What is known of an event by its number: its id, and its text where that was wanted or is at hand. */
type Known = { readonly id: string; readonly json: string | undefined }
type Wanted = { readonly seq: number; readonly whole: boolean }

/** The texts of events, by number. Keeps the ones that were used last in memory, up to a number of bytes. */
export type Texts = {
  /** One answer for each, in their order; nothing for what is gone. */
  find(wanted: readonly Wanted[]): (Known | undefined)[]
  add(seq: number, json: string): void
  drop(seqs: readonly number[]): void
}

/** Where the id stands in an event's text: NIP-01's fields in their order. */
const ID = '{"id":"'.length
const idIn = (json: string): string => json.slice(ID, ID + 64)

/** Bytes of one entry besides its text. */
const ENTRY = 96

/** A half that is written to and one that is forgotten next; what is used moves over. */
export function createTexts(sql: Sql, most: number): Texts {
  let young = new Map<number, string>()
  let old = new Map<number, string>()
  let bytes = 0

  function add(seq: number, json: string): void {
    if (bytes > most / 2) {
      old = young
      young = new Map()
      bytes = 0
    }
    if (!young.has(seq)) bytes += sizeOf(json)
    young.set(seq, json)
  }

  function remembered(seq: number): string | undefined {
    const json = young.get(seq)
    if (json !== undefined) return json
    const older = old.get(seq)
    if (older !== undefined) add(seq, older)
    return older
  }

  return {
    add,
    find(wanted) {
      const known = wanted.map(({ seq }): Known | undefined => {
        const json = remembered(seq)
        return json === undefined ? undefined : { id: idIn(json), json }
      })
      const missing = wanted.filter((_one, at) => known[at] === undefined)
      if (missing.length === 0) return known
      const fetched = fetch(sql, missing)
      for (const [seq, { json }] of fetched) if (json !== undefined) add(seq, json)
      return wanted.map(({ seq }, at) => known[at] ?? fetched.get(seq))
    },
    drop(seqs) {
      for (const seq of seqs) {
        young.delete(seq)
        old.delete(seq)
      }
    },
  }
}

/** A string of V8 holds one byte for each character up to U+00FF, else two. */
const sizeOf = (json: string): number =>
  ENTRY + (Buffer.byteLength(json) === json.length ? json.length : 2 * json.length)

function fetch(sql: Sql, missing: readonly Wanted[]): Map<number, Known> {
  const found = new Map<number, Known>()
  const [whole, ids] = [missing.filter((one) => one.whole), missing.filter((one) => !one.whole)]
  for (const [seq, json] of rowsOf(sql, 'e.json', whole)) found.set(seq, { id: idIn(json), json })
  for (const [seq, id] of rowsOf(sql, `substr(e.json, ${ID + 1}, 64)`, ids)) found.set(seq, { id, json: undefined })
  return found
}

function rowsOf(sql: Sql, what: string, wanted: readonly Wanted[]): [seq: number, text: string][] {
  if (wanted.length === 0) return []
  const seqs = JSON.stringify(wanted.map(({ seq }) => seq))
  return sql(`SELECT e.seq, ${what} FROM json_each(?) j CROSS JOIN events e ON e.seq = j.value`).all(seqs) as [
    number,
    string,
  ][]
}
