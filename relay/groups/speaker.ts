import { SignedEvent, tagValues } from '#nips/event'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import { sha256Hex } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { groupKind, isGroupState } from '#nips/nip29'
import { toJson } from '../store/store.ts'
import type { Writer } from '../writer.ts'
import type { Book, Group } from './group.ts'
import { type Statement, statementsOf } from './statements.ts'

/** Signs for the relay. */
export type Sign = (template: EventTemplate) => NostrEvent

export type SpeakerDeps = {
  readonly put: Writer['put']
  readonly clock: Pick<Clock, 'now'>
  readonly book: Book
  readonly sign: Sign
  readonly breathe: () => Promise<void>
}

/** The relay's own events about its groups, each said once and dated behind the one it replaces. */
export type Speaker = {
  /** Told of every stored event: what the relay has said already. */
  note(event: NostrEvent): void
  /** Resolves when it is stored. */
  say(statement: Statement): Promise<void>
  /** Says what is new about a group. False when some of it has to wait for the clock. */
  describe(group: Group): Promise<boolean>
  /** Forgets what was said about a group, when it is erased. */
  forget(group: string): void
}

/** Seconds the relay's statements may be ahead of the clock where a group changes more than once a second. */
const LEAD = 60

export function createSpeaker({ put, clock, book, sign, breathe }: SpeakerDeps): Speaker {
  const said = new Map<string, { at: number; digest: string }>()

  async function say(statement: Statement, at: number): Promise<void> {
    const event = SignedEvent.open(sign({ ...statement, created_at: at }), () => true)
    const { outcome } = await put({ event, json: toJson(event) })
    if (outcome !== 'stored' && outcome !== 'duplicate')
      throw new Fault('internal', `the relay's own kind ${event.kind} was ${outcome}`)
    await breathe()
  }

  return {
    note(event) {
      if (event.pubkey === book.self && isGroupState(event.kind))
        said.set(addressOf(event), { at: event.created_at, digest: digestOf(event) })
    },
    say: (statement) => say(statement, clock.now()),
    async describe(group) {
      const hadPins = said.has(`${groupKind.pins} ${group.id}`)
      const news = statementsOf(group, book, hadPins).filter(
        (statement) => said.get(addressOf(statement))?.digest !== digestOf(statement),
      )
      const isEarly = news.some((statement) => (said.get(addressOf(statement))?.at ?? 0) > clock.now() + LEAD)
      if (isEarly) return false
      for (const statement of news)
        await say(statement, Math.max(clock.now(), (said.get(addressOf(statement))?.at ?? 0) + 1))
      return true
    },
    forget(group) {
      for (const kind of stateKinds) said.delete(`${kind} ${group}`)
    },
  }
}

/** All kinds that tell what a group is. */
export const stateKinds: readonly number[] = Array.from({ length: 10 }, (_, at) => groupKind.metadata + at)

const addressOf = (statement: Pick<EventTemplate, 'kind' | 'tags'>): string =>
  `${statement.kind} ${tagValues(statement, 'd')[0] ?? ''}`

const digestOf = ({ tags, content }: Pick<EventTemplate, 'tags' | 'content'>): string =>
  sha256Hex(JSON.stringify([tags, content]))
