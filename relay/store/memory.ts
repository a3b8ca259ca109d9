import { writeFile } from 'node:fs/promises'
import { matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { mayRead } from '../read-rules.ts'
import { addressOf, deletes, erases, expiresAt, outranks } from './erasure.ts'
import {
  byPosition,
  type Entry,
  PAGE,
  type Page,
  type Position,
  type PutResult,
  type Read,
  type Row,
  type Store,
} from './store.ts'

type Kept = Entry & { readonly seq: number }

/** The oracle: every rule as NIP-01, 09, 40 and 62 state it, over a list. Obvious, slow, and lost when it closes. */
export function createMemoryStore(): Store {
  let kept: Kept[] = []
  let seq = 0
  const lists = new Map<string, Map<string, string>>()

  function putOne({ event, json }: Entry): PutResult {
    const refusal = refusalOf(event, kept)
    if (refusal !== undefined) return { outcome: refusal }
    kept = kept.filter(
      (old) => !sharesPlace(old.event, event) && !deletes(event, old.event) && !erases(event, old.event),
    )
    seq += 1
    kept.push({ seq, event, json })
    return { outcome: 'stored', seq }
  }

  return {
    put: async (batch) => batch.map(putOne),
    read: async (read) => pageOf(kept, read),
    get: async (id) => kept.find(({ event }) => event.id === id)?.event,
    newest: () => seq,
    places: async (read) => {
      const { rows, next } = pageOf(kept, read)
      return { places: rows.map(({ createdAt, id }) => ({ createdAt, id })), ...(next ? { next } : {}) }
    },
    arrivals: async (after, most) =>
      kept
        .filter((one) => one.seq > after)
        .sort((a, b) => a.seq - b.seq)
        .slice(0, most)
        .map(rowOf),
    async usage(pubkey) {
      const own = kept.filter(({ event }) => event.pubkey === pubkey)
      return { events: own.length, bytes: own.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0) }
    },
    async erase(ids) {
      const before = kept.length
      kept = kept.filter(({ event }) => !ids.includes(event.id))
      return before - kept.length
    },
    list: (name) => lists.get(name) ?? new Map(),
    async enter(name, value, note) {
      const list = new Map(lists.get(name))
      if (note === undefined) list.delete(value)
      else list.set(value, note)
      lists.set(name, list)
    },
    backup: async (file) => writeFile(file, kept.map(({ json }) => `${json}\n`).join('')),
    async sweep(now) {
      const before = kept.length
      kept = kept.filter(({ event }) => !hasExpired(event, now))
      return before - kept.length
    },
    others: async () => [],
    close: async () => undefined,
  }
}

function refusalOf(event: NostrEvent, kept: readonly Kept[]): Exclude<PutResult['outcome'], 'stored'> | undefined {
  const some = (holds: (old: NostrEvent) => boolean) => kept.some((old) => holds(old.event))
  if (some((old) => old.id === event.id)) return 'duplicate'
  if (some((old) => erases(old, event))) return 'vanished'
  if (some((old) => deletes(old, event))) return 'deleted'
  if (some((old) => sharesPlace(old, event) && outranks(old, event))) return 'replaced'
  return undefined
}

function sharesPlace(a: NostrEvent, b: NostrEvent): boolean {
  const address = addressOf(a)
  return address !== undefined && address === addressOf(b)
}

const hasExpired = (event: NostrEvent, now: number): boolean => (expiresAt(event) ?? Number.POSITIVE_INFINITY) <= now

function pageOf(kept: readonly Kept[], { filter, reader, upTo, now, after }: Read): Page {
  const hits = kept
    .filter(({ seq, event }) => seq <= upTo && !hasExpired(event, now) && matches(filter, event))
    .filter(({ event }) => mayRead(event, reader))
    .filter(({ event }) => after === undefined || byPosition(positionOf(event), after) > 0)
    .sort((a, b) => byPosition(positionOf(a.event), positionOf(b.event)))
  const shown = hits.slice(0, Math.min(filter.limit, PAGE.rows))
  const rows = shown.map(rowOf)
  const last = shown.at(-1)
  const more = last !== undefined && rows.length < Math.min(hits.length, filter.limit)
  return more ? { rows, next: positionOf(last.event) } : { rows }
}

const rowOf = ({ seq, event, json }: Kept): Row => ({ seq, json, ...positionOf(event) })

const positionOf = ({ created_at, id }: NostrEvent): Position => ({ createdAt: created_at, id })
