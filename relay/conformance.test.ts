import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EventTemplate, eventId, type NostrEvent } from '#nips/keys'
import { NOW, type Person, person } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import { type Client, is, type Said } from './testing/wire.ts'

/** What black-box suites for relays look at, and messages.test.ts, publish.test.ts, auth.test.ts and live.test.ts do not. */
let relay: TestRelay
let client: Client
let ann: Person
beforeAll(async () => {
  relay = await serveRelay()
  client = await relay.client()
  ann = person()
})
afterAll(() => relay.close())

async function publish(who: Person, fields: Partial<EventTemplate>): Promise<NostrEvent> {
  const event = who.sign({ content: crypto.randomUUID(), ...fields })
  expect(await client.publish(event)).toEqual([true, ''])
  return event
}

async function found(...filters: object[]): Promise<string[]> {
  const { ids, end } = await client.ask('found', ...filters)
  expect(end).toEqual(['EOSE', 'found'])
  client.say('CLOSE', 'found')
  return ids
}

const ids = (events: readonly NostrEvent[]): string[] => events.map(({ id }) => id)

describe('text', () => {
  test.each([
    {
      says: 'the escapes of NIP-01',
      content: 'linebreak\ndoublequote"backslash\\carriagereturn\rtab\tbackspace\bformfeed\f',
    },
    { says: 'other control characters', content: '\u0001\u0002\u0007 \u000b \u000e\u001f \u007f' },
    { says: 'what is no character', content: '\ufdd1\u{10fff2}\ufffe' },
    { says: 'what JavaScript takes for line ends', content: '\u2028 \u2029 </script> /' },
    { says: 'characters of four bytes', content: '\u{1f600}\u{1d11e}' },
    { says: 'nothing', content: '' },
  ])('of $says comes back as it was signed', async ({ content }) => {
    const event = await publish(ann, { content, tags: [['t', content, content]] })
    await client.ask('text', { ids: [event.id] })
    expect(client.heard.findLast(is('EVENT', 'text'))).toEqual(['EVENT', 'text', event])
    client.say('CLOSE', 'text')
  })

  test('may come with escapes that nobody needs, and with the fields in any order', async () => {
    const { id, pubkey, created_at, kind, tags, content, sig } = ann.sign({ content: 'a/b', tags: [['t', 'x']] })
    const tagged = JSON.stringify(tags).replace('x', '\\u0078')
    const text = JSON.stringify(content).replace('/', '\\/')
    client.raw(
      `[ "EVENT" , {"sig":"${sig}", "content":${text},\n"tags":${tagged},"kind":${kind},"created_at":${created_at},"pubkey":"${pubkey}","id":"${id}","more":{"a":[1]}} ]`,
    )
    expect(await client.next(is('OK', id))).toEqual(['OK', id, true, ''])
  })

  test.each([
    { says: 'a null character', fields: { content: 'a\u0000b' } },
    { says: 'a null character in a tag', fields: { tags: [['t', '\u0000']] } },
    { says: 'an empty tag', fields: { tags: [[]] } },
  ])('with $says is refused in plain words', async ({ fields }) => {
    const event = ann.sign(fields)
    expect(await client.publish(event)).toEqual([
      false,
      expect.stringMatching(/^invalid: (.*well-formed text|too few fields in tag)$/),
    ])
  })
})

describe('a date', () => {
  test.each([
    { says: 'a week ago', created_at: NOW - 604_800 },
    { says: 'before Nostr', created_at: 1_500_000_000 },
    { says: '1970', created_at: 0 },
    { says: 'in 15 minutes', created_at: NOW + 900 },
  ])('of $says is taken', async ({ created_at }) => {
    const event = await publish(ann, { created_at })
    expect(await found({ ids: [event.id], since: created_at, until: created_at })).toEqual([event.id])
  })

  test.each([
    { says: 'next year', created_at: NOW + 31_536_000, reason: 'invalid: created_at too late' },
    { says: 'beyond 32 bits', created_at: 2 ** 33, reason: 'invalid: created_at too late' },
    { says: 'before 1970', created_at: -1, reason: 'invalid: event created_at field was not an integer' },
    { says: 'between two seconds', created_at: 1.5, reason: 'invalid: event created_at field was not an integer' },
  ])('of $says is refused', async ({ created_at, reason }) => {
    expect(await client.publish(ann.sign({ created_at }))).toEqual([false, reason])
  })

  test('in scientific notation is the number it is', async () => {
    const event = ann.sign({ created_at: 1_500_000_000 })
    client.raw(JSON.stringify(['EVENT', event]).replace('1500000000', '1.5e9'))
    expect(await client.next(is('OK', event.id))).toEqual(['OK', event.id, true, ''])
  })
})

describe('a kind', () => {
  test.each([0, 40, 41, 42, 43, 44, 1984, 10_002, 65_535])('%i is taken and found', async (kind) => {
    const event = await publish(person(), { kind })
    expect(await found({ kinds: [kind], authors: [event.pubkey] })).toEqual([event.id])
  })

  test.each([65_536, -1, 1.5, '1'])('%j does not exist, neither in an event nor in a filter', async (kind) => {
    const event = { ...ann.sign({}), kind } as NostrEvent
    expect(await client.publish({ ...event, id: eventId(event) })).toEqual([
      false,
      'invalid: event kind field was not an integer',
    ])
    expect((await client.ask('k', { kinds: [kind] })).end[2]).toBe(
      'ERROR: bad req: error parsing kinds: unexpected item',
    )
  })
})

describe('a filter', () => {
  test('has both ends of its time in it', async () => {
    const who = person()
    const three: NostrEvent[] = []
    for (const at of [1, 2, 3]) three.unshift(await publish(who, { created_at: NOW - 10 * at }))
    const [oldest, middle, newest] = three
    expect(await found({ authors: [who.pubkey], since: NOW - 20 })).toEqual([newest?.id, middle?.id])
    expect(await found({ authors: [who.pubkey], until: NOW - 20 })).toEqual([middle?.id, oldest?.id])
    expect(await found({ authors: [who.pubkey], since: NOW - 20, until: NOW - 20 })).toEqual([middle?.id])
    expect(await found({ authors: [who.pubkey], since: NOW - 10, until: NOW - 30 })).toEqual([])
  })

  test('is answered newest first, at one time the lowest id first, and cut behind its limit', async () => {
    const who = person()
    const same: NostrEvent[] = []
    for (let at = 0; at < 6; at++) same.push(await publish(who, { created_at: NOW - 50 }))
    const newer = await publish(who, { created_at: NOW - 49 })
    const sorted = [newer.id, ...ids(same).sort()]
    expect(await found({ authors: [who.pubkey] })).toEqual(sorted)
    for (const limit of [1, 3, 7]) expect(await found({ authors: [who.pubkey], limit })).toEqual(sorted.slice(0, limit))
  })

  test('of limit 0 is answered with EOSE alone, and lives on', async () => {
    const who = person()
    await publish(who, {})
    expect((await client.ask('zero', { authors: [who.pubkey], limit: 0 })).ids).toEqual([])
    const live = await publish(who, {})
    expect(await client.got('zero')).toEqual([live.id])
    client.say('CLOSE', 'zero')
  })

  test('of several has its own limit, and nothing comes twice', async () => {
    const [one, two] = [person(), person()]
    for (let at = 0; at < 3; at++) for (const who of [one, two]) await publish(who, { created_at: NOW - at })
    const filters = [one, two, one].map(({ pubkey }) => ({ authors: [pubkey], limit: 2 }))
    const got = await found(...filters)
    expect(got).toHaveLength(4)
    expect(new Set(got).size).toBe(4)
  })

  test.each([
    { says: 'the beginning of an id', filter: (id: string) => ({ ids: [id.slice(0, 10)] }) },
    { says: 'the beginning of a key', filter: (id: string) => ({ authors: [id.slice(0, 32)] }) },
    { says: 'the beginning of an id in a tag', filter: (id: string) => ({ '#e': [id.slice(0, 62)] }) },
  ])('with $says is refused: there are no prefixes', async ({ filter }) => {
    expect((await client.ask('prefix', filter('a'.repeat(64)))).end[2]).toMatch(
      /^ERROR: bad req: .*filter item too small$/,
    )
  })

  test.each([{ ids: [] }, { authors: [] }, { kinds: [] }, { '#e': [] }, { '#t': [] }, { kinds: [], limit: 5 }])(
    '%j never matches, stored or live',
    async (filter) => {
      expect((await client.ask('never', filter)).ids).toEqual([])
      await publish(ann, { tags: [['t', 'x']] })
      expect(await client.got('never')).toEqual([])
      client.say('CLOSE', 'never')
    },
  )

  test('finds tags by one letter, case and all, and none by more than one', async () => {
    const who = person()
    const event = await publish(who, {
      kind: 1111,
      tags: [
        ['E', 'x'],
        ['t', 'Y'],
        ['word', 'z'],
        ['-x', 'z'],
      ],
    })
    expect(await found({ authors: [who.pubkey], '#E': ['x'] })).toEqual([event.id])
    expect(await found({ authors: [who.pubkey], '#t': ['y'] })).toEqual([])
    expect((await client.ask('x', { '#word': ['z'] })).end[2]).toBe(
      'ERROR: bad req: error parsing #word: unindexed tag filter',
    )
  })
})

describe('lists', () => {
  test.each([
    { nip: '02', kind: 3 },
    { nip: '65', kind: 10_002 },
    { nip: '01', kind: 0 },
  ])('of NIP-$nip (kind $kind): the newest alone is there, whatever came first', async ({ kind }) => {
    const who = person()
    const [older, newer] = [who.sign({ kind, created_at: NOW - 1 }), who.sign({ kind })]
    expect(await client.publish(older)).toEqual([true, ''])
    expect(await client.publish(newer)).toEqual([true, ''])
    expect(await client.publish(older)).toEqual([false, 'replaced: have newer event'])
    expect(await found({ kinds: [kind], authors: [who.pubkey] })).toEqual([newer.id])
    expect(await found({ ids: [older.id] })).toEqual([])
  })

  test('of as many contacts as tags are allowed fit, and come back whole', async () => {
    const who = person()
    const contacts = Array.from({ length: 1700 }, (_, at) => ['p', at.toString(16).padStart(64, '0')])
    const event = await publish(who, { kind: 3, tags: contacts, content: '' })
    expect(JSON.stringify(['EVENT', event]).length).toBeGreaterThan(120_000)
    const { ids: got } = await client.ask('contacts', { kinds: [3], '#p': [contacts[1699]?.[1] ?? ''] })
    expect(got).toEqual([event.id])
    expect((client.heard.findLast(is('EVENT', 'contacts')) as Said)[2]).toEqual(event)
  })
})

describe('tags that name something', () => {
  test.each([
    { tag: ['e', 'abc'], name: 'e' },
    { tag: ['p', ''], name: 'p' },
    { tag: ['p', 'x'.repeat(64)], name: 'p' },
    { tag: ['e'], name: 'e' },
    { tag: ['e', 'a'.repeat(66)], name: 'e' },
  ])('name a whole id or key: not $tag', async ({ tag, name }) => {
    expect(await client.publish(ann.sign({ tags: [['t', 'x'], tag] }))).toEqual([
      false,
      `invalid: unexpected size for fixed-size tag: ${name}`,
    ])
  })

  test('may be in capitals, and other tags may say what they like', async () => {
    await publish(ann, {
      tags: [
        ['p', 'A'.repeat(64)],
        ['E', 'x'],
        ['q', 'x'],
        ['a', 'x'],
      ],
    })
  })
})

test('NIP-11 names what is spoken and what is enforced', async () => {
  const answer = await fetch(relay.http, { headers: { accept: 'application/nostr+json' } })
  expect(await answer.json()).toMatchObject({
    supported_nips: expect.arrayContaining([1, 2, 4, 9, 11, 13, 17, 22, 28, 40, 42, 45, 50, 59, 62, 65, 70, 77]),
    negentropy: 1,
    limitation: { max_subscriptions: 64, max_limit: 500, created_at_upper_limit: 900, min_pow_difficulty: 0 },
  })
})

test('CLOSE of one subscription ends it, of none is nothing, and with more words is refused', async () => {
  await client.ask('one', { authors: [ann.pubkey], limit: 0 })
  client.say('CLOSE', 'one')
  client.say('CLOSE', 'none')
  client.say('CLOSE', 'one', 'two')
  expect(await client.next(is('NOTICE'))).toEqual(['NOTICE', 'ERROR: bad close: arr too small/big'])
  await publish(ann, {})
  expect(await client.got('one')).toEqual([])
})
