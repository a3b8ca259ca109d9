import { SignedEvent } from '#nips/event'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import { sha256Hex } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { allOf } from './all-of.ts'
import { addressOf } from './store/erasure.ts'
import { type Store, toJson } from './store/store.ts'
import type { Writer } from './writer.ts'

/** An event of the relay's own that still lacks its date. */
export type Statement = Omit<EventTemplate, 'created_at'>
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
  /** Says something that replaces nothing, dated now or later than that. Resolves when it is stored. */
  say(statement: Statement, since?: number): Promise<void>
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

  async function say(statement: Statement, at: number): Promise<void> {
    const event = SignedEvent.open(sign({ ...statement, created_at: at }), () => true)
    const { outcome } = await put({ event, json: toJson(event) })
    await breathe()
    // The same has been said in this second: that it is so again is something new.
    if (outcome === 'duplicate') return say(statement, at + 1)
    if (outcome !== 'stored') throw new Fault('internal', `the relay's own kind ${event.kind} was ${outcome}`)
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
    say: (statement, since = 0) => say(statement, Math.max(clock.now(), since)),
    async keep(statements) {
      const news = statements.filter((statement) => saidAs(statement)?.digest !== digestOf(statement))
      if (news.some((statement) => (saidAs(statement)?.at ?? 0) > clock.now() + LEAD)) return false
      for (const statement of news) await say(statement, Math.max(clock.now(), (saidAs(statement)?.at ?? 0) + 1))
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
