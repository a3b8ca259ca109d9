import { describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import { type Filter, matches } from '#nips/filter'
import { createLiveIndex } from './live-index.ts'
import { unsigned } from './testing/events.ts'
import { type Random, randomFrom } from './testing/random.ts'

const people = ['a', 'b', 'c'].map((digit) => digit.repeat(64))
const words = ['x', 'y', 'z']

const anyEvent = (random: Random, at: number): SignedEvent =>
  unsigned({
    pubkey: random.pick(people),
    kind: random.whole(4),
    content: String(at),
    tags: random.some(words, 0.4).map((word) => [random.pick(['t', 'e', 'long']), word]),
  })

function anyFilter(random: Random, events: readonly SignedEvent[]): Filter {
  const filter: Filter = {}
  if (random.chance(0.2)) filter.ids = new Set(random.some(events, 0.1).map(({ id }) => id))
  if (random.chance(0.4)) filter.authors = new Set(random.some(people, 0.5))
  if (random.chance(0.4)) filter.kinds = new Set([random.whole(4)])
  if (random.chance(0.3)) filter.tags = new Map([[random.pick(['t', 'e']), new Set(random.some(words, 0.5))]])
  return filter
}

function compareWithMatches(seed: number): void {
  const random = randomFrom(seed)
  const index = createLiveIndex<Filter[]>()
  const events = Array.from({ length: 60 }, (_, at) => anyEvent(random, at))
  const members = Array.from({ length: 80 }, () => [anyFilter(random, events), anyFilter(random, events)])
  for (const member of members) index.add(member, member)
  const left = random.some(members, 0.4)
  for (const member of left) index.remove(member, member)
  const here = members.filter((member) => !left.includes(member))
  for (const event of events) {
    const found = index.candidates(event)
    const wanted = here.filter((member) => member.some((filter) => matches(filter, event)))
    expect(wanted.filter((member) => !found.has(member))).toEqual([])
    expect(left.filter((member) => found.has(member))).toEqual([])
  }
}

const first = Math.floor(Math.random() * 2 ** 31)
describe('the live index', () => {
  test.each([first, first + 1, first + 2])(
    'finds whoever matches, and nobody who has left (seed %i)',
    compareWithMatches,
  )

  test('asks only those whose narrowest condition is met', () => {
    const index = createLiveIndex<string>()
    index.add([{ kinds: new Set([1]), authors: new Set(['b'.repeat(64)]) }], 'another author')
    index.add([{ kinds: new Set([1]), tags: new Map([['e', new Set(['x'])]]) }], 'another tag')
    index.add([{ kinds: new Set([1]) }], 'the kind')
    index.add([{ authors: new Set() }], 'nothing')
    expect([...index.candidates(unsigned({ pubkey: 'a'.repeat(64), kind: 1 }))]).toEqual(['the kind'])
  })
})
