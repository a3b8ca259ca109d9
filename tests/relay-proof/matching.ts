import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NostrEvent } from '#nips/keys'
import { isPrivate, storageOf } from '#nips/kinds'
import type { Relay } from '#relay/relay'
import { openSqliteStore } from '#relay/store/sqlite'
import { type Random, randomFrom } from '#relay/testing/random'
import { clientOf, relayInHand, signIn } from './in-hand.ts'
import { mayKnow, newestFirst, placeOf, type WireFilter, wants } from './oracle.ts'
import { anyFilter, anyWorld, type World } from './worlds.ts'

/** How much is compared: every filter with every event, once live and once stored. */
export type MatchingSize = { events: number; subscriptions: number }

const MOST = 500
const env = { RELAY_MAX_SUBSCRIPTIONS: '100000', RELAY_MAX_FILTER_TAGS: '9', RELAY_MAX_FILTER_VALUES: '100000' }

type Question = { readonly name: string; readonly filters: readonly WireFilter[]; readonly keys: readonly string[] }

/**
 * Random events to a relay over a SQLite file, random filters of readers with and without keys; what each hears, live
 * and stored, has to be what the oracle says. Gives the number of (filter, event) pairs; throws with the seed.
 */
export async function proveMatching({ events, subscriptions }: MatchingSize, seed: number): Promise<number> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const generation = random.pick([16, 256, 8192])
  const relay = relayInHand({ store: openSqliteStore(join(folder, 'relay.db'), { generation }), env })
  try {
    const world = anyWorld(random, events)
    const readers = await openReaders(relay, random, world)
    const questions = Array.from({ length: subscriptions }, (_, at) => anyQuestion(random, world, { at, readers }))
    const about = `seed ${seed}`
    await compareLive(relay, world, { readers, questions, about })
    await compareStored(world, { readers, questions, about })
    await compareCounts(world, { readers, questions, about })
    return questions.reduce((sum, { filters }) => sum + filters.length, 0) * events * 2
  } finally {
    await relay.close()
    rmSync(folder, { recursive: true })
  }
}

type Reader = ReturnType<typeof clientOf> & { readonly keys: readonly string[]; readonly heard: Map<string, string[]> }
type Asked = { readers: readonly Reader[]; questions: readonly Question[]; about: string }

/** Strangers, somebody with one key and somebody with several. */
async function openReaders(relay: Relay, random: Random, { people }: World): Promise<Reader[]> {
  const several = [[], [], [people[0] ?? ''], [people[1] ?? ''], random.some(people, 0.3), random.some(people, 0.6)]
  const readers: Reader[] = []
  for (const keys of several) {
    const heard = new Map<string, string[]>()
    const reader = {
      keys,
      heard,
      ...clientOf(relay, (text, onSent) => {
        note(heard, text)
        onSent()
      }),
    }
    for (const key of keys) await reader.say('AUTH', signIn(key))
    readers.push(reader)
  }
  return readers
}

/** Writes down what came under a subscription: the id of an event, a count, or the verb. */
function note(heard: Map<string, string[]>, text: string): void {
  const [verb, name, event] = JSON.parse(text) as [string, string, NostrEvent]
  if (verb === 'AUTH' || verb === 'OK') return
  const answers: Record<string, string> = { EVENT: event?.id, COUNT: JSON.stringify(event) }
  heard.set(name, [...(heard.get(name) ?? []), answers[verb] ?? verb])
}

function anyQuestion(
  random: Random,
  world: World,
  { at, readers }: { at: number; readers: readonly Reader[] },
): Question {
  const count = random.chance(0.8) ? 1 : 2 + random.whole(3)
  const filters = Array.from({ length: count }, () => anyFilter(random, world))
  return { name: `${at}`, filters, keys: readers[at % readers.length]?.keys ?? [] }
}

async function compareLive(relay: Relay, { events }: World, { readers, questions, about }: Asked): Promise<void> {
  const publisher = clientOf(relay, (_text, onSent) => onSent())
  for (const [at, { name, filters }] of questions.entries())
    await readers[at % readers.length]?.say('REQ', name, ...filters.map((filter) => ({ ...filter, limit: 0 })))
  await Promise.all(events.map((event) => publisher.say('EVENT', event)))
  const news = accepted(events)
  for (const [at, question] of questions.entries()) {
    const reader = readers[at % readers.length]
    const wanted = news.filter(
      (event) => question.filters.some((filter) => wants(filter, event)) && mayKnow(event, question.keys),
    )
    const heard = reader?.heard.get(question.name) ?? []
    reader?.heard.delete(question.name)
    await reader?.say('CLOSE', question.name)
    agree(question, heard, { ids: wanted.map(({ id }) => id), inOrder: false, about: `${about}, live` })
  }
}

async function compareStored({ events }: World, { readers, questions, about }: Asked): Promise<void> {
  const kept = keptOf(events)
  for (const [at, question] of questions.entries()) {
    const reader = readers[at % readers.length]
    await reader?.say('REQ', question.name, ...question.filters)
    const heard = reader?.heard.get(question.name) ?? []
    await reader?.say('CLOSE', question.name)
    const ids = question.filters.flatMap((filter) =>
      kept
        .filter((event) => wants(filter, event) && mayKnow(event, question.keys))
        .sort(newestFirst)
        .slice(0, Math.min(filter.limit ?? MOST, MOST))
        .map(({ id }) => id),
    )
    agree(question, heard, { ids, inOrder: question.filters.length === 1, about: `${about}, stored` })
  }
}

/** NIP-45: a count is of all that match, whatever `limit` says; where it may be refused it is nothing but refused. */
async function compareCounts({ events }: World, { readers, questions, about }: Asked): Promise<void> {
  const kept = keptOf(events)
  for (const [at, question] of questions.entries()) {
    const reader = readers[at % readers.length]
    const name = `count ${question.name}`
    const filters = question.filters.map(({ limit: _limit, ...filter }) => filter)
    await reader?.say('COUNT', name, ...filters)
    const [answer = ''] = reader?.heard.get(name) ?? []
    const wanted = kept.filter(
      (event) => filters.some((filter) => wants(filter, event)) && mayKnow(event, question.keys),
    ).length
    const { count } = answer === 'CLOSED' ? { count: 'refused' } : (JSON.parse(answer) as { count: number })
    const fits = count === 'refused' ? refusalOf(question) !== 'never' : count === wanted
    if (!fits) throw new Error(`${about}: counted ${count} for ${wanted}; asked ${JSON.stringify(question)}`)
  }
}

/** The events that are new when they come: not there yet, and not outranked by what is. */
function accepted(events: readonly NostrEvent[]): NostrEvent[] {
  const holders = new Map<string, NostrEvent>()
  return events.filter((event) => {
    const holder = holders.get(placeOf(event))
    if (holder && (holder.id === event.id || newestFirst(holder, event) < 0)) return false
    holders.set(placeOf(event), event)
    return true
  })
}

const keptOf = (events: readonly NostrEvent[]): NostrEvent[] =>
  [
    ...new Map(
      [...events]
        .sort(newestFirst)
        .toReversed()
        .map((event) => [placeOf(event), event]),
    ).values(),
  ].filter(({ kind }) => storageOf(kind) !== 'ephemeral')

/** Whether a question may be refused, and whether it has to be: it names private kinds and none of its reader's keys. */
function refusalOf({ filters, keys }: Question): 'never' | 'maybe' | 'always' {
  const named = filters.filter(({ kinds }) => Array.isArray(kinds) && kinds.some(isPrivate))
  if (named.length === 0) return 'never'
  if (keys.length === 0) return 'always'
  const names = (list: unknown) => Array.isArray(list) && keys.some((key) => list.includes(key))
  return named.every((filter) => names(filter.authors) || names(filter['#p'])) ? 'never' : 'maybe'
}

type Wanted = { ids: readonly string[]; inOrder: boolean; about: string }

/** Throws when what was heard is not what was wanted. */
function agree(question: Question, heard: readonly string[], { ids, inOrder, about }: Wanted): void {
  const refusal = refusalOf(question)
  const isRefused = heard.includes('CLOSED')
  const wrong = isRefused ? refusedWrongly(refusal, heard) : toldWrongly(heard, [...new Set(ids)], inOrder)
  if (!isRefused && refusal === 'always') wrong.push('not refused')
  if (wrong.length > 0) throw new Error(`${about}: ${wrong.join('; ')}; asked ${JSON.stringify(question)}`)
}

const refusedWrongly = (refusal: ReturnType<typeof refusalOf>, heard: readonly string[]): string[] => [
  ...(refusal === 'never' ? ['refused'] : []),
  ...(heard.length > 1 ? [`told ${heard.join()}`] : []),
]

function toldWrongly(heard: readonly string[], wanted: readonly string[], inOrder: boolean): string[] {
  const told = heard.filter((one) => one !== 'EOSE')
  const [isTold, isWanted] = [new Set(told), new Set(wanted)]
  const missing = wanted.filter((id) => !isTold.has(id))
  const extra = told.filter((id) => !isWanted.has(id))
  const wrong = missing.length + extra.length > 0 ? [`missing ${missing.join()}, too much ${extra.join()}`] : []
  if (heard.length - told.length !== 1) wrong.push(`${heard.length - told.length} EOSE`)
  if (told.length !== isTold.size) wrong.push('the same event twice')
  if (inOrder && told.join() !== wanted.join()) wrong.push('in another order')
  return wrong
}
