import { SignedEvent } from '#nips/event'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import { sha256Hex } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { allOf } from './all-of.ts'
import { addressOf } from './store/erasure.ts'
import { type Store, toJson } from './store/store.ts'
import type { Writer } from './writer.ts'

/** An event of the relay's own that still lacks its date, and the earliest one it may have. */
export type Statement = Omit<EventTemplate, 'created_at'> & { readonly since?: number }
/** Signs for the relay. */
export type Sign = (template: EventTemplate) => NostrEvent

export type VoiceDeps = {
  readonly store: Store
  readonly put: Writer['put']
  readonly clock: Pick<Clock, 'now'>
  /** The relay's own public key, the one `sign` signs with. */
  readonly self: string
  readonly sign: Sign
  readonly breathe: () => Promise<void>
}

/** The relay's own events. What replaces another is said where it says something new, and dated behind it. */
export type Voice = {
  /** Reads what was said under kinds that have an address. */
  open(kinds: readonly number[]): Promise<void>
  /** Told of every stored event: what the relay has said already. */
  note(event: NostrEvent): void
  /** Says what replaces nothing, together. Resolves when all of it is stored; rejects when some of it is not. */
  say(...statements: readonly Statement[]): Promise<void>
  /** Says what is new in statements that have an address. False when it has to wait for the clock. */
  keep(statements: readonly Statement[]): Promise<boolean>
  /** Whether something is said under this kind and `d`. */
  hasSaid(kind: number, d: string): boolean
  /** Takes back what is said under this kind and `d`. */
  retract(kind: number, d: string): Promise<void>
}

/** Seconds the relay's statements may be ahead of the clock where something changes more than once a second. */
const LEAD = 60

export function createVoice({ store, put, clock, self, sign, breathe }: VoiceDeps): Voice {
  /** By address. */
  const said = new Map<string, { id: string; at: number; digest: string }>()
  const saidAs = (statement: Statement) => said.get(placeOf(statement, self))

  async function sayAt(statement: Statement, at: number): Promise<void> {
    const { kind, tags, content } = statement
    const event = SignedEvent.open(sign({ kind, tags, content, created_at: at }), () => true)
    const { outcome } = await put({ event, json: toJson(event) })
    // The same has been said in this second: that it is so again is something new.
    if (outcome === 'duplicate') return sayAt(statement, at + 1)
    if (outcome !== 'stored') throw new Fault('internal', `the relay's own kind ${kind} was ${outcome}`)
  }

  /** Signs one after the other, lets everybody else have a turn in between, and waits for one commit. */
  async function say(...statements: readonly Statement[]): Promise<void> {
    const faults: Promise<unknown>[] = []
    for (const statement of statements) {
      const said = sayAt(statement, Math.max(clock.now(), statement.since ?? 0))
      faults.push(said.catch((fault: unknown) => fault))
      await breathe()
    }
    const fault = (await Promise.all(faults)).find((one) => one !== undefined)
    if (fault !== undefined) throw fault
  }

  function note(event: NostrEvent): void {
    if (event.pubkey !== self) return
    const address = addressOf(event)
    if (address !== undefined) said.set(address, { id: event.id, at: event.created_at, digest: digestOf(event) })
  }

  return {
    async open(kinds) {
      const stored = allOf(store, { kinds: new Set(kinds), authors: new Set([self]) }, clock.now())
      for await (const { json } of stored) note(JSON.parse(json) as NostrEvent)
    },
    note,
    say,
    async keep(statements) {
      const news = statements.filter((statement) => saidAs(statement)?.digest !== digestOf(statement))
      if (news.some((statement) => (saidAs(statement)?.at ?? 0) > clock.now() + LEAD)) return false
      await say(...news.map((statement) => ({ ...statement, since: (saidAs(statement)?.at ?? 0) + 1 })))
      return true
    },
    hasSaid: (kind, d) => said.has(`${kind}:${self}:${d}`),
    async retract(kind, d) {
      const address = `${kind}:${self}:${d}`
      const latest = said.get(address)
      if (latest) await store.erase([latest.id])
      said.delete(address)
    },
  }
}

const placeOf = (statement: Statement, pubkey: string): string =>
  addressOf({ ...statement, pubkey, created_at: 0, id: '', sig: '' }) ?? ''

const digestOf = ({ tags, content }: Statement): string => sha256Hex(JSON.stringify([tags, content]))
