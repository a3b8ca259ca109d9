import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SignedEvent } from '#nips/event'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import { entry, NOW, type Person } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import { type Client, is } from './testing/wire.ts'

let relay: TestRelay
let client: Client
let [ann, ben]: Person[] = []
beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_PUBLIC_URL: 'wss://relay.example/some/path' } })
  client = await relay.client()
  ;[ann, ben] = [relay.person(), relay.person()]
})
afterAll(() => relay.close())

const by = (who: Person | undefined, fields: Partial<EventTemplate>): NostrEvent => {
  if (!who) throw new Error('nobody')
  return who.sign(fields)
}
const stored = async (...filters: object[]): Promise<string[]> => {
  const { ids } = await client.ask('stored', ...filters)
  client.say('CLOSE', 'stored')
  return ids
}

describe('publishing', () => {
  test('the same event again is a duplicate, with and without a pause', async () => {
    const note = by(ann, { content: 'again' })
    client.say('EVENT', note)
    client.say('EVENT', note)
    const answers = [await client.next(is('OK', note.id)), await client.next(is('OK', note.id))]
    expect(answers.map(([, , ...rest]) => rest)).toEqual([
      [true, ''],
      [true, 'duplicate: have this event'],
    ])
    expect(await client.publish(note)).toEqual([true, 'duplicate: have this event'])
    expect(await stored({ ids: [note.id] })).toEqual([note.id])
  })

  test.each([
    { says: 'a date just within bounds', fields: { created_at: NOW + 900 }, answer: [true, ''] },
    {
      says: 'a date too far ahead',
      fields: { created_at: NOW + 901 },
      answer: [false, 'invalid: created_at too late'],
    },
    { says: 'a date long ago', fields: { created_at: 1 }, answer: [true, ''] },
    { says: 'an expiration to come', fields: { tags: [['expiration', String(NOW + 1)]] }, answer: [true, ''] },
    {
      says: 'an expiration that is now',
      fields: { tags: [['expiration', String(NOW)]] },
      answer: [false, 'invalid: event expired'],
    },
    {
      says: 'an expiration that is no date',
      fields: { tags: [['expiration', 'soon']] },
      answer: [false, 'invalid: invalid expiration'],
    },
    { says: 'as many tags as allowed', fields: { tags: Array(2000).fill(['t', 'x']) }, answer: [true, ''] },
    {
      says: 'too many tags',
      fields: { tags: Array(2001).fill(['t', 'x']) },
      answer: [false, 'invalid: too many tags: 2001'],
    },
    { says: 'a long prompt in a tag', fields: { tags: [['i', 'ü'.repeat(16_384)]] }, answer: [true, ''] },
    {
      says: 'a tag that is too long',
      fields: { tags: [['i', 'ü'.repeat(16_385)]] },
      answer: [false, 'invalid: tag val too large: 32770'],
    },
    { says: 'a sign-in of NIP-42', fields: { kind: 22_242 }, answer: [false, expect.stringMatching(/^blocked: /)] },
    { says: 'a sign-in of NIP-98', fields: { kind: 27_235 }, answer: [false, expect.stringMatching(/^blocked: /)] },
    { says: 'a repost', fields: { kind: 6, content: '{"tags":[["e","-"]]}' }, answer: [true, ''] },
    {
      says: 'a repost of something protected',
      fields: { kind: 6, content: '{"tags": [ ["-"] ]}' },
      answer: [false, "blocked: reposts can't embed protected events"],
    },
    {
      says: 'another repost of something protected',
      fields: { kind: 16, content: '{"tags":[["-"]]}' },
      answer: [false, "blocked: reposts can't embed protected events"],
    },
    { says: 'a repost that embeds nothing readable', fields: { kind: 6, content: '{"tags":7}' }, answer: [true, ''] },
    {
      says: 'a job result of nobody we know',
      fields: { kind: 6785 },
      answer: [false, 'restricted: only a service of this deployment may publish kind 6785'],
    },
    {
      says: 'feedback of nobody we know',
      fields: { kind: 7000 },
      answer: [false, expect.stringMatching(/^restricted: /)],
    },
    {
      says: 'a stream delta of nobody we know',
      fields: { kind: 25_785 },
      answer: [false, expect.stringMatching(/^restricted: /)],
    },
    { says: 'a job request', fields: { kind: 5785 }, answer: [true, ''] },
  ])('$says', async ({ fields, answer }) => {
    expect(await client.publish(by(ann, { content: crypto.randomUUID(), ...fields }))).toEqual(answer)
  })

  test('the service may write its kinds', async () => {
    for (const kind of [5783, 6785, 7000, 11_998, 25_785, 31_770, 31_774])
      expect(await client.publish(relay.service.sign({ kind, tags: [['d', 'x']] }))).toEqual([true, ''])
  })

  test('an older version is refused and the newer one kept', async () => {
    const [older, newer] = [by(ben, { kind: 0, created_at: NOW - 1 }), by(ben, { kind: 0 })]
    expect(await client.publish(newer)).toEqual([true, ''])
    expect(await client.publish(older)).toEqual([false, 'replaced: have newer event'])
    expect(await stored({ kinds: [0], authors: [newer.pubkey] })).toEqual([newer.id])
  })

  test('an ephemeral event goes to who listens and is not kept', async () => {
    const event = by(ann, { kind: 20_001 })
    await client.ask('live', { kinds: [20_001] })
    expect(await client.publish(event)).toEqual([true, ''])
    expect(await client.got('live')).toEqual([event.id])
    expect(await stored({ kinds: [20_001] })).toEqual([])
  })
})

describe('a decision (6783)', () => {
  const asks = (approver: Person) =>
    relay.service.sign({ kind: 5783, tags: [['p', approver.pubkey]], content: crypto.randomUUID() })
  const decides = (tags: string[][]) => by(ann, { kind: 6783, tags, content: crypto.randomUUID() })
  const refusal = [false, 'restricted: this key was not asked to decide about it']

  test('is taken from whom the request asks', async () => {
    const request = asks(ann as Person)
    await client.publish(request)
    expect(await client.publish(decides([['e', request.id]]))).toEqual([true, ''])
  })

  test('is refused in the same words whatever is wrong', async () => {
    const [forBen, fake, mine] = [
      asks(ben as Person),
      by(ben, { kind: 1, tags: [['p', ann?.pubkey ?? '']] }),
      asks(ann as Person),
    ]
    for (const event of [forBen, fake, mine]) await client.publish(event)
    const notOurs = by(ben, { kind: 5783, tags: [['p', ann?.pubkey ?? '']] })
    await relay.store.put([entry(SignedEvent.open(notOurs))])
    const wrong = [
      [['e', notOurs.id]],
      [],
      [['e', '0'.repeat(64)]],
      [['e', forBen.id]],
      [['e', fake.id]],
      [
        ['e', mine.id],
        ['e', forBen.id],
      ],
    ]
    for (const tags of wrong) expect(await client.publish(decides(tags))).toEqual(refusal)
  })
})

describe('a protected event', () => {
  const mine = () => by(ann, { tags: [['-']], content: crypto.randomUUID() })

  test('is not taken from a stranger, who is asked to sign in', async () => {
    const stranger = await relay.client()
    expect(await stranger.publish(mine())).toEqual([false, 'auth-required: event marked as protected'])
    expect(stranger.heard.map(([verb]) => verb)).toEqual(['AUTH', 'AUTH', 'OK'])
  })

  test('is not taken from somebody else', async () => {
    const other = await relay.client(ben as Person)
    expect(await other.publish(mine())).toEqual([false, 'restricted: must be published by the author'])
  })

  test('is taken from its author, also beside another key', async () => {
    const author = await relay.client(ben as Person, ann as Person)
    expect(await author.publish(mine())).toEqual([true, ''])
  })
})

describe('taking back', () => {
  test('a deletion takes away the own note and no other, and neither comes back', async () => {
    const [mine, theirs] = [by(ann, { content: 'mine' }), by(ben, { content: 'theirs' })]
    for (const note of [mine, theirs]) await client.publish(note)
    const deletion = by(ann, {
      kind: 5,
      tags: [
        ['e', mine.id],
        ['e', theirs.id],
      ],
    })
    expect(await client.publish(deletion)).toEqual([true, ''])
    expect(await stored({ ids: [mine.id, theirs.id] })).toEqual([theirs.id])
    expect(await client.publish(mine)).toEqual([false, 'deleted: user requested deletion'])
  })

  test.each([
    { says: 'all relays', relays: ['ALL_RELAYS'], works: true },
    { says: 'the public name in another spelling', relays: ['WSS://relay.example:443'], works: true },
    { says: 'the address it listens on', relays: ['wss://elsewhere.example', 'LISTENING'], works: true },
    { says: 'another relay', relays: ['wss://elsewhere.example'], works: false },
    { says: 'no relay', relays: [], works: false },
    { says: 'all relays in the wrong spelling', relays: ['all_relays'], works: false },
  ])('a request to vanish that names $says: $works', async ({ relays, works }) => {
    const who = relay.person()
    const note = who.sign({ content: 'here' })
    const wrap = by(ann, { kind: 1059, tags: [['p', who.pubkey]], content: crypto.randomUUID() })
    for (const event of [note, wrap]) await client.publish(event)
    const vanish = who.sign({
      kind: 62,
      tags: relays.map((name) => ['relay', name === 'LISTENING' ? relay.url : name]),
    })
    const [accepted, reason] = await client.publish(vanish)
    expect([accepted, reason]).toEqual(works ? [true, ''] : [false, expect.stringMatching(/^invalid: /)])
    expect(await stored({ authors: [who.pubkey], kinds: [1] })).toEqual(works ? [] : [note.id])
    const gone = [false, 'blocked: user requested to vanish']
    expect(await client.publish(note)).toEqual(works ? gone : [true, 'duplicate: have this event'])
    expect((await client.publish(wrap))[0]).toBe(!works)
    const reader = await relay.client(who)
    expect((await reader.ask('wraps', { kinds: [1059], '#p': [who.pubkey] })).ids).toEqual(works ? [] : [wrap.id])
    expect(await client.publish(who.sign({ created_at: NOW + 1 }))).toEqual([true, ''])
  })

  test('what has expired is not seen from that second on, and later it is gone', async () => {
    const note = by(ann, { tags: [['expiration', String(relay.clock.now() + 10)]], content: 'soon gone' })
    await client.publish(note)
    relay.clock.advance(9)
    expect(await stored({ ids: [note.id] })).toEqual([note.id])
    expect(await relay.store.get(note.id)).toBeDefined()
    relay.clock.advance(1)
    expect(await stored({ ids: [note.id] })).toEqual([])
    expect(await relay.store.get(note.id)).toBeUndefined()
    expect(await client.publish(note)).toEqual([false, 'invalid: event expired'])
  })
})
