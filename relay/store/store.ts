import type { SignedEvent } from '#nips/event'
import type { Filter } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import type { Reader } from '../read-rules.ts'

/** An event and the JSON text under which it is stored and sent: NIP-01's seven fields in NIP-01's order. */
export type Entry = { readonly event: SignedEvent; readonly json: string }

/**
 * What became of an event. `seq` counts arrivals and never repeats while the store is open.
 * `replaced`: a newer version is here. `deleted`: its author took it back (NIP-09). `vanished`: a party of it did (NIP-62).
 */
export type PutResult =
  | { readonly outcome: 'stored'; readonly seq: number }
  | { readonly outcome: 'duplicate' | 'replaced' | 'deleted' | 'vanished' }

/** A place in NIP-01's order: newest first, among equals the lowest id first. */
export type Position = { readonly createdAt: number; readonly id: string }

export type Read = {
  /** `limit` counts what is still wanted; it has to be there. */
  readonly filter: Filter & { readonly limit: number }
  readonly reader: Reader
  /** Nothing that arrived after this number is returned. */
  readonly upTo: number
  /** Seconds; what has expired by then is not returned (NIP-40). */
  readonly now: number
  /** Continues behind this place. */
  readonly after?: Position
}

/** Some of the answer. `next` is where to go on, and absent when there is no more. */
export type Page = { readonly rows: readonly Row[]; readonly next?: Position }
export type Row = Position & { readonly seq: number; readonly json: string }
/** The same answer as a `Page` without the events themselves, and longer. */
export type Places = { readonly places: readonly Position[]; readonly next?: Position }
/** What one key has stored here. */
export type Usage = { readonly events: number; readonly bytes: number }

/** How much one page may hold and look at, so that no read keeps everybody else waiting or fills a slow client's queue. */
export const PAGE = { rows: 100, bytes: 262_144, scanned: 1000 } as const

/** NIPs that are the store's part. */
export const storeNips = [1, 9, 40, 50, 62] as const

/** Where events are kept. Ephemeral kinds are never given to it. One suite (store.suite.ts) holds for every store. */
export type Store = {
  /**
   * Applies NIP-01, 09 and 62 to each event in turn, all in one transaction, and resolves after the commit
   * with one result for each. Rejects when nothing of it was written.
   */
  put(batch: readonly Entry[]): Promise<PutResult[]>
  /** The matching events that the reader may read, in NIP-01's order, page by page. */
  read(read: Read): Promise<Page>
  /** One event by id, whoever asks: for the relay's own decisions only. */
  get(id: string): Promise<NostrEvent | undefined>
  /** The `seq` of the latest committed event, 0 when there is none. */
  newest(): number
  /** Where the matching events stand, in NIP-01's order: for counting and for set reconciliation. */
  places(read: Read): Promise<Places>
  /** Stored events in the order they arrived, whoever asks, behind `after`: for copies and for whoever follows along. */
  arrivals(after: number, most: number): Promise<readonly Row[]>
  /**
   * Events that other processes have put into the same place and that this was not asked for before, some at a time;
   * empty when there are no more. Those that another process has erased again are not among them.
   */
  others(): Promise<readonly Row[]>
  /** What a key has stored. */
  usage(pubkey: string): Promise<Usage>
  /** Erases what has expired (NIP-40) and says how many events that were. */
  sweep(now: number): Promise<number>
  /** Erases these events on the operator's word, and says how many there were. */
  erase(ids: readonly string[]): Promise<number>
  /** An operator's list: values, each with a note. */
  list(name: string): ReadonlyMap<string, string>
  /** Puts a value on a list with a note, or takes it off where there is none. Resolves after the commit. */
  enter(name: string, value: string, note: string | undefined): Promise<void>
  /** Writes a copy of everything into a new file; goes on while others read and write. */
  backup(file: string): Promise<void>
  /** Resolves when everything is written and let go of. */
  close(): Promise<void>
}

/** The text of an event for storing and sending. */
export const toJson = ({ id, pubkey, created_at, kind, tags, content, sig }: NostrEvent): string =>
  JSON.stringify({ id, pubkey, created_at, kind, tags, content, sig })

/** Sorts in NIP-01's order. */
export const byPosition = (a: Position, b: Position): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? -1 : Number(a.id > b.id))
