import { type EventTemplate, eventId, type NostrEvent } from '#nips/keys'
import { NOW } from '#relay/testing/events'
import type { Random } from '#relay/testing/random'
import type { WireFilter } from './oracle.ts'

/** A world small enough that its events meet: few people, few moments, few words. */
export type World = { readonly people: readonly string[]; readonly events: readonly NostrEvent[] }

const kinds = [0, 1, 1, 1, 3, 4, 6, 7, 1059, 1059, 1111, 5785, 20_001, 21_059, 10_002, 30_023, 30_023, 40_000, 65_535]
const hex = (digit: string) => digit.repeat(64)
const words = [
  '',
  'x',
  'X',
  'y',
  'x:y',
  '1',
  '01',
  ' x',
  'ünï',
  '🜁',
  hex('a'),
  hex('A'),
  'w'.repeat(255),
  'w'.repeat(256),
]
words.push(`${'w'.repeat(255)}é`, `x'y"z\\`, '__proto__', 'constructor', '%', '_', 'NULL')
const letters = ['t', 'T', 'd', 'z', 'A']
/** Those of whose values nothing but ids and keys is taken. */
const exact = ['e', 'p']

/** An event whose id is true and whose signature is not, for a relay whose verifier says yes. */
export function forged(template: Partial<EventTemplate> & { pubkey: string }): NostrEvent {
  const event = { kind: 1, created_at: NOW, tags: [] as string[][], content: '', ...template }
  return { ...event, id: eventId(event), sig: '0'.repeat(128) }
}

export function anyWorld(random: Random, size: number): World {
  const people = ['a', 'b', 'c', 'd', 'e', 'f', '0', '9'].map(hex)
  const events: NostrEvent[] = []
  for (let at = 0; at < size; at++)
    events.push(
      forged({
        pubkey: random.pick(people),
        kind: random.pick(kinds),
        created_at: random.chance(0.02) ? random.pick([0, 1, NOW + 900]) : NOW - random.whole(40),
        content: String(random.whole(size)),
        tags: anyTags(random, { people, events }),
      }),
    )
  return { people, events }
}

function anyTags(random: Random, { people, events }: World): string[][] {
  const word = () => random.pick(words)
  const earlier = events.length > 0 ? random.pick(events).id : hex('1')
  const tags = random.some(
    [
      [random.pick(letters), word()],
      [random.pick(letters), word(), word()],
      ['t', word()],
      ['p', random.pick(people)],
      ['p', random.pick(people), 'wss://relay.example'],
      ['e', earlier],
      ['d', word()],
      ['long-name', word()],
      [random.pick(letters)],
      ['t', 'x'],
    ],
    random.pick([0.1, 0.4]),
  )
  return random.chance(0.2) ? tags.toReversed() : tags
}

const times = [0, 1, NOW - 41, NOW + 900, NOW + 901, Number.MAX_SAFE_INTEGER]
const limits = [0, 1, 2, 10, 99, 100, 101, 499, 500, 501, 1_000_000]

/** A filter that finds something more often than not. Each condition may be an empty list, which finds nothing. */
export function anyFilter(random: Random, { people, events }: World): WireFilter {
  const filter: WireFilter = {}
  const list = <T>(items: readonly T[]) => random.some(items, random.pick([0.1, 0.3, 0.7]))
  const model = random.pick(events)
  const values = (letter: string) => [
    ...(exact.includes(letter) ? [] : list(words)),
    ...list(people),
    ...model.tags.flatMap(([name, value]) => (name === letter && value !== undefined ? [value] : [])),
  ]
  if (random.chance(0.15))
    filter.ids = [model.id, ...random.some(events, random.pick([0.003, 0.1])).map(({ id }) => id)]
  if (random.chance(0.35)) filter.authors = [model.pubkey, ...list(people)]
  if (random.chance(0.5)) filter.kinds = [model.kind, ...list(kinds)]
  for (const letter of random.some([...letters, ...exact], random.pick([0, 0.15, 0.3])).slice(0, 3))
    filter[`#${letter}`] = values(letter)
  const time = () => (random.chance(0.1) ? random.pick(times) : NOW - random.whole(40))
  if (random.chance(0.3)) filter.since = time()
  if (random.chance(0.3)) filter.until = time()
  if (random.chance(0.5)) filter.limit = random.pick(limits)
  if (random.chance(0.03)) filter[random.pick(['ids', 'authors', 'kinds', '#t'])] = []
  return filter
}
