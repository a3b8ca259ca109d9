import { describe, expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import { type Filter, matches } from '#nips/filter'
import { createLiveIndex, type LiveIndex } from './live-index.ts'
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

type Member = { readonly filters: readonly Filter[]; stamp: number }
const memberFor = (...filters: Filter[]): Member => ({ filters, stamp: 0 })

function visited(index: LiveIndex<Member>, event: SignedEvent): Member[] {
  const found: Member[] = []
  index.visit(event, (member) => found.push(member))
  return found
}

function compareWithMatches(seed: number): void {
  const random = randomFrom(seed)
  const index = createLiveIndex<Member>()
  const events = Array.from({ length: 60 }, (_, at) => anyEvent(random, at))
  const members = Array.from({ length: 80 }, () => memberFor(anyFilter(random, events), anyFilter(random, events)))
  for (const member of members) index.add(member.filters, member)
  const left = random.some(members, 0.4)
  for (const member of left) index.remove(member.filters, member)
  const here = members.filter((member) => !left.includes(member))
  for (const event of events) {
    const found = visited(index, event)
    const wanted = here.filter(({ filters }) => filters.some((filter) => matches(filter, event)))
    expect(wanted.filter((member) => !found.includes(member))).toEqual([])
    expect(left.filter((member) => found.includes(member))).toEqual([])
    expect(new Set(found).size).toBe(found.length)
  }
}

const first = Math.floor(Math.random() * 2 ** 31)
describe('the live index', () => {
  test.each([first, first + 1, first + 2])(
    'finds whoever matches, each once, and nobody who has left (seed %i)',
    compareWithMatches,
  )

  test('asks only those whose narrowest condition is met', () => {
    const index = createLiveIndex<Member>()
    const theKind = memberFor({ kinds: new Set([1]) })
    const others = [
      memberFor({ kinds: new Set([1]), authors: new Set(['b'.repeat(64)]) }),
      memberFor({ kinds: new Set([1]), tags: new Map([['e', new Set(['x'])]]) }),
      memberFor({ authors: new Set() }),
    ]
    for (const member of [theKind, ...others]) index.add(member.filters, member)
    expect(visited(index, unsigned({ pubkey: 'a'.repeat(64), kind: 1 }))).toEqual([theKind])
  })
})
