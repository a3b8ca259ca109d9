import type { NostrEvent } from '#nips/keys'
import { storageOf } from '#nips/kinds'
import { mayKnow, newestFirst, placeOf, type WireFilter, wants } from './oracle.ts'

/** One REQ and what came of it; moments are counted in steps of the run. */
export type Instance = {
  readonly client: number
  readonly filters: readonly WireFilter[]
  readonly opened: number
  /** When it was closed, replaced or cut; `undefined` while it is open. */
  ended?: number
  eose?: number
  readonly told: { readonly id: string; readonly at: number }[]
}

/** What one event went through: when it was first sent, and when an OK first said that it is there. */
type Published = { readonly event: NostrEvent; readonly sent: number; stored?: number }
/** When a client's AUTH was sent, and when it was answered. */
type SignedIn = {
  readonly client: number
  readonly key: string
  /** The id of the AUTH event. */
  readonly id: string
  readonly sent: number
  done?: number
}

export type History = { instances: Instance[]; published: Map<string, Published>; signIns: SignedIn[]; now: number }

/** What is wrong with how a run went, in words; NIP-01's promises and "nothing is missed, nothing comes twice". */
export const complaints = (history: History): string[] =>
  history.instances.flatMap((instance) => [
    ...toldWrongly(instance, history),
    ...notTold(instance, history),
    ...(instance.ended === undefined && instance.eose === undefined ? [`no EOSE for ${about(instance)}`] : []),
  ])

const about = ({ client, filters, opened, ended, eose, told }: Instance): string =>
  `client ${client} ${JSON.stringify(filters)} opened ${opened} EOSE ${eose} ended ${ended} told ${JSON.stringify(told)}`

function toldWrongly(instance: Instance, history: History): string[] {
  const ids = instance.told.map(({ id }) => id)
  const twice = ids.filter((id, at) => ids.indexOf(id) < at)
  const wrong = instance.told.filter((one) => !mayBeTold(one, instance, history)).map(({ id }) => id)
  return [
    ...twice.map((id) => `${id} twice: ${about(instance)}`),
    ...wrong.map((id) => `${id} should not be there: ${about(instance)}`),
    ...(isOrdered(instance, history) ? [] : [`stored events out of order or too many: ${about(instance)}`]),
  ]
}

function mayBeTold({ id, at }: Instance['told'][number], instance: Instance, history: History): boolean {
  const one = history.published.get(id)
  if (!one || one.sent > at) return false
  const keys = keysOf(instance.client, history, ({ sent }) => sent <= at)
  const old = one.stored !== undefined && one.stored < instance.opened
  const late = old && at > (instance.eose ?? Number.POSITIVE_INFINITY)
  return !late && mayKnow(one.event, keys) && instance.filters.some((filter) => wants(filter, one.event))
}

function isOrdered({ filters: [filter, ...more], told, eose }: Instance, { published }: History): boolean {
  if (!filter || more.length > 0 || eose === undefined) return true
  const stored = told.flatMap(({ id, at }) => (at < eose ? [published.get(id)?.event] : []))
  const events = stored.filter((event) => event !== undefined)
  const sorted = events.toSorted(newestFirst)
  return events.length <= (filter.limit ?? 500) && events.every((event, at) => event === sorted[at])
}

const notTold = (instance: Instance, history: History): string[] =>
  instance.eose === undefined
    ? []
    : [...history.published.values()].flatMap((one) =>
        mustBeTold(one, instance, history) && !instance.told.some(({ id }) => id === one.event.id)
          ? [`${JSON.stringify({ ...one, event: one.event.id })} is missing: ${about(instance)}`]
          : [],
      )

/** Whether nothing excuses that an event is missing: every doubt is for the relay. */
function mustBeTold(one: Published, instance: Instance, history: History): boolean {
  const { event, sent, stored } = one
  if (stored === undefined || stored >= (instance.ended ?? history.now)) return false
  const keys = keysOf(instance.client, history, ({ done }) => (done ?? instance.opened) < instance.opened)
  const wanting = instance.filters.filter((filter) => wants(filter, event))
  if (wanting.length === 0 || !mayKnow(event, keys)) return false
  if (sent > instance.opened) return true
  const excused = storageOf(event.kind) === 'ephemeral' || wanting.every(({ limit }) => limit !== undefined)
  return !excused && !mayBeReplaced(one, instance, history)
}

const mayBeReplaced = ({ event }: Published, { ended }: Instance, { published, now }: History): boolean =>
  [...published.values()].some(
    (other) =>
      other.event.id !== event.id &&
      placeOf(other.event) === placeOf(event) &&
      newestFirst(other.event, event) < 0 &&
      other.sent <= (ended ?? now),
  )

const keysOf = (client: number, { signIns }: History, when: (signedIn: SignedIn) => boolean): string[] =>
  signIns.filter((signedIn) => signedIn.client === client && when(signedIn)).map(({ key }) => key)
