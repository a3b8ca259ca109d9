import { describe, expect, test } from 'vitest'
import { random, seeds } from '#tests/support/random'
import { refusalOf } from '#tests/support/refusal'
import { defaultFilterLimits, matches, parseFilter } from './filter.ts'
import type { NostrEvent } from './keys.ts'

const id = 'a'.repeat(64)
const hexList = (count: number) => Array.from({ length: count }, (_, at) => at.toString(16).padStart(64, '0'))

describe('parsing a filter', () => {
  test.each([
    { says: 'nothing at all', wire: {}, filter: {} },
    { says: 'ids', wire: { ids: [id] }, filter: { ids: new Set([id]) } },
    { says: 'authors, once each', wire: { authors: [id, id] }, filter: { authors: new Set([id]) } },
    { says: 'an empty list', wire: { kinds: [] }, filter: { kinds: new Set() } },
    { says: 'the first and the last kind', wire: { kinds: [0, 65_535] }, filter: { kinds: new Set([0, 65_535]) } },
    { says: 'limit 0', wire: { limit: 0 }, filter: { limit: 0 } },
    { says: 'times', wire: { since: 0, until: 5 }, filter: { since: 0, until: 5 } },
    {
      says: 'tags of either case, any text as value',
      wire: { '#p': [id], '#P': ['', 'ü'] },
      filter: {
        tags: new Map([
          ['p', new Set([id])],
          ['P', new Set(['', 'ü'])],
        ]),
      },
    },
    { says: 'as many values as allowed', wire: { ids: hexList(1000) }, filter: { ids: new Set(hexList(1000)) } },
  ])('reads $says', ({ wire, filter }) => {
    expect(parseFilter(wire)).toEqual(filter)
  })

  test.each([
    { wire: null, message: 'provided filter is not an object' },
    { wire: [], message: 'provided filter is not an object' },
    { wire: 'ids', message: 'provided filter is not an object' },
    { wire: { ids: id }, message: 'ids not an array' },
    { wire: { ids: null }, message: 'ids not an array' },
    { wire: { ids: [id.slice(1)] }, message: 'error parsing ids: uneven size input to from_hex' },
    { wire: { ids: [id.toUpperCase()] }, message: 'error parsing ids: unexpected character in from_hex: 65' },
    { wire: { authors: [5] }, message: 'error parsing authors: unexpected item' },
    { wire: { authors: [id, null] }, message: 'error parsing authors: unexpected item' },
    { wire: { kinds: 1 }, message: 'kinds not an array' },
    { wire: { kinds: ['1'] }, message: 'error parsing kinds: unexpected item' },
    { wire: { kinds: [-1] }, message: 'error parsing kinds: unexpected item' },
    { wire: { kinds: [1.5] }, message: 'error parsing kinds: unexpected item' },
    { wire: { kinds: [65_536] }, message: 'error parsing kinds: unexpected item' },
    { wire: { since: '5' }, message: 'error parsing since' },
    { wire: { since: -1 }, message: 'error parsing since' },
    { wire: { until: 1.5 }, message: 'error parsing until' },
    { wire: { until: null }, message: 'error parsing until' },
    { wire: { limit: -1 }, message: 'error parsing limit' },
    { wire: { limit: true }, message: 'error parsing limit' },
    { wire: { '#p': id }, message: '#p not an array' },
    { wire: { '#p': [5] }, message: 'error parsing #p: unexpected item' },
    { wire: { find: 'x' }, message: 'unrecognised filter item: find' },
    { wire: { '#pp': ['x'] }, message: 'error parsing #pp: unindexed tag filter' },
    { wire: { '#1': ['x'] }, message: 'error parsing #1: unindexed tag filter' },
    { wire: { '#': ['x'] }, message: 'error parsing #: unindexed tag filter' },
    { wire: { '&t': ['x'] }, message: 'unrecognised filter item: &t' },
    { wire: { tags: {} }, message: 'unrecognised filter item: tags' },
    { wire: { ['x'.repeat(99)]: 1 }, message: `unrecognised filter item: ${'x'.repeat(32)}` },
    { wire: JSON.parse('{"__proto__":{"ids":[]}}'), message: 'unrecognised filter item: __proto__' },
    { wire: { '#a': [], '#b': [], '#c': [], '#d': [] }, message: 'too many tags in filter' },
    { wire: { ids: hexList(1001) }, message: 'total filter items too large' },
    {
      wire: { ids: hexList(400), authors: hexList(400), '#p': hexList(201) },
      message: 'total filter items too large',
    },
  ])('refuses $wire by name', async ({ wire, message }) => {
    expect(await refusalOf(() => parseFilter(wire))).toEqual({ code: 'invalid', message })
  })

  test('keeps to the limits it is given', async () => {
    const limits = { ...defaultFilterLimits, maxValues: 1, maxTags: 1 }
    expect(parseFilter({ '#a': ['x'] }, limits).tags?.size).toBe(1)
    expect(await refusalOf(() => parseFilter({ '#a': [], '#b': [] }, limits))).toMatchObject({ code: 'invalid' })
    expect(await refusalOf(() => parseFilter({ '#a': ['x', 'y'] }, limits))).toMatchObject({ code: 'invalid' })
  })
})

const event: NostrEvent = {
  id,
  pubkey: 'b'.repeat(64),
  kind: 1,
  created_at: 100,
  tags: [['g', 'x', 'y'], ['g', 'z'], ['t'], ['title', 'x']],
  content: '',
  sig: '',
}

describe('matching', () => {
  test.each([
    { says: 'the time it begins with', wire: { since: 100 }, hit: true },
    { says: 'the time it ends with', wire: { until: 100 }, hit: true },
    { says: 'a later beginning', wire: { since: 101 }, hit: false },
    { says: 'an earlier end', wire: { until: 99 }, hit: false },
    { says: 'an end at 0', wire: { until: 0 }, hit: false },
    { says: 'the second tag of a name', wire: { '#g': ['z'] }, hit: true },
    { says: 'the second value of a tag', wire: { '#g': ['y'] }, hit: false },
    { says: 'a tag without a value', wire: { '#t': ['', 'undefined'] }, hit: false },
    { says: 'a tag whose name only begins alike', wire: { '#t': ['x'] }, hit: false },
    { says: 'a letter of another case', wire: { '#E': ['z'] }, hit: false },
    { says: 'an empty list', wire: { ids: [] }, hit: false },
    { says: 'an empty list of tag values', wire: { '#g': [] }, hit: false },
    { says: 'two tags that both fit', wire: { '#g': ['x'], kinds: [1, 2] }, hit: true },
    { says: 'two conditions of which one fits', wire: { '#g': ['x'], '#h': ['x'] }, hit: false },
    { says: 'a limit of 0', wire: { limit: 0 }, hit: true },
  ])('$says: $hit', ({ wire, hit }) => {
    expect(matches(parseFilter(wire), event)).toBe(hit)
  })
})

type Wire = Record<string, unknown>

/** The oracle: NIP-01's sentences one by one, over the filter as it came. */
function dumb(filter: Wire, { id: own, pubkey, kind, created_at, tags }: NostrEvent): boolean {
  const has = (key: string, value: unknown) => !(key in filter) || (filter[key] as unknown[]).includes(value)
  if (!has('ids', own) || !has('authors', pubkey) || !has('kinds', kind)) return false
  if ('since' in filter && !((filter.since as number) <= created_at)) return false
  if ('until' in filter && !(created_at <= (filter.until as number))) return false
  for (const key of Object.keys(filter)) {
    if (key[0] !== '#') continue
    const values = tags.filter((tag) => tag[0] === key[1] && tag.length > 1).map((tag) => tag[1])
    if (!values.some((value) => (filter[key] as unknown[]).includes(value))) return false
  }
  return true
}

const hexes = hexList(4)
const kinds = [0, 1, 7]
const letters = ['g', 'h', 't', 'E']
const values = ['', 'x', 'y', hexes[0] ?? '']

function anyEvent({ pick, below }: ReturnType<typeof random>): NostrEvent {
  const tags = Array.from({ length: below(4) }, () => [pick([...letters, 'title']), pick(values), pick(values)])
  const cut = tags.map((tag) => tag.slice(0, 1 + below(3)))
  return {
    id: pick(hexes),
    pubkey: pick(hexes),
    kind: pick(kinds),
    created_at: below(5),
    tags: cut,
    content: '',
    sig: '',
  }
}

function anyFilter({ pick, below, some }: ReturnType<typeof random>): Wire {
  const all: [string, () => unknown][] = [
    ['ids', () => some(hexes)],
    ['authors', () => some(hexes)],
    ['kinds', () => some(kinds)],
    ['since', () => below(5)],
    ['until', () => below(5)],
    ['limit', () => below(3)],
    [`#${pick(letters)}`, () => some(values)],
    [`#${pick(letters)}`, () => some(values)],
  ]
  return Object.fromEntries(all.filter(() => below(4) === 0).map(([key, make]) => [key, make()]))
}

test.each(seeds(3))('matching agrees with the oracle on 20,000 random pairs (seed %i)', (seed) => {
  const chance = random(seed)
  let hits = 0
  for (let round = 0; round < 20_000; round += 1) {
    const [wire, candidate] = [anyFilter(chance), anyEvent(chance)]
    const expected = dumb(wire, candidate)
    if (expected) hits += 1
    if (matches(parseFilter(wire), candidate) !== expected)
      expect.fail(`seed ${seed}: ${JSON.stringify({ wire, candidate, expected })}`)
  }
  expect(hits).toBeGreaterThan(2000)
  expect(hits).toBeLessThan(18_000)
})
