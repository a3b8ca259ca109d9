import { describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { expiration, isProtected, onlyTag, readShape, SignedEvent, tag, tagValues } from './event.ts'
import { type EventTemplate, eventId, type NostrEvent, signEvent } from './keys.ts'

const alice = author()
const bob = author()
const template: EventTemplate = { kind: 1, created_at: 1_800_000_000, tags: [['t', 'x', 'y']], content: 'hello' }
const good = signEvent(template, alice.secretKey)
const other = signEvent({ ...template, content: 'something else' }, alice.secretKey)

describe('opening an event', () => {
  test.each([
    { says: 'its text', raw: JSON.stringify(good) },
    {
      says: 'text with spaces and members in another order',
      raw: JSON.stringify(Object.fromEntries(Object.entries(good).toReversed()), null, 2),
    },
    { says: 'a parsed value', raw: good },
    { says: 'a value with members that nobody signed', raw: { ...good, seen: true, __proto__: { evil: 1 } } },
  ])('takes $says and keeps the seven signed members', ({ raw }) => {
    const event = SignedEvent.open(raw)
    expect({ ...event }).toEqual(good)
    expect(Object.keys(event).toSorted()).toEqual(['content', 'created_at', 'id', 'kind', 'pubkey', 'sig', 'tags'])
  })

  test.each([
    { kind: 0 },
    { kind: 65_535 },
    { created_at: 0 },
    { created_at: Number.MAX_SAFE_INTEGER },
    { tags: [] },
    { tags: [['', '']] },
    { tags: [['-']] },
    { content: '' },
    { content: 'line\nquote" back\\slash \u0001\u001f\u007f\u2028 ü 😀' },
  ])('takes %j', (change) => {
    const event = signEvent({ ...template, ...change }, alice.secretKey)
    expect(SignedEvent.open(JSON.stringify(event))).toMatchObject(change)
  })

  test.each(['', 'not JSON', '{', 'null', '[]', '5', '"text"', 'true'])('refuses the text %j', async (raw) => {
    expect(await refusalOf(() => SignedEvent.open(raw))).toEqual({ code: 'invalid', message: 'event is not an object' })
  })

  test.each([undefined, null, 5, true, [], [good]])('refuses the value %j', async (raw) => {
    expect(await refusalOf(() => SignedEvent.open(raw))).toEqual({ code: 'invalid', message: 'event is not an object' })
  })
})

const ofId = 'unexpected id size'
const ofPubkey = 'unexpected pubkey size'
const ofSig = 'verify sig: bad input size'
const ofKind = 'event kind field was not an integer'
const ofTime = 'event created_at field was not an integer'
const ofTags = 'tags are not well-formed text'
const ofContent = 'content is not well-formed text'

describe('the shape of NIP-01', () => {
  test.each([
    { says: 'no id', change: { id: undefined }, message: 'JSON object key "id" not found' },
    { says: 'an upper-case id', change: { id: good.id.toUpperCase() }, message: ofId },
    { says: 'a short id', change: { id: good.id.slice(1) }, message: ofId },
    { says: 'an id with a line break', change: { id: `${good.id.slice(1)}\n` }, message: ofId },
    { says: 'an id that is a number', change: { id: 5 }, message: 'event id field was not a string' },
    { says: 'an id that is a list', change: { id: [good.id] }, message: 'event id field was not a string' },
    { says: 'an upper-case pubkey', change: { pubkey: good.pubkey.toUpperCase() }, message: ofPubkey },
    { says: 'a compressed pubkey', change: { pubkey: `02${good.pubkey}` }, message: ofPubkey },
    { says: 'no pubkey', change: { pubkey: null }, message: 'event pubkey field was not a string' },
    { says: 'an upper-case signature', change: { sig: good.sig.toUpperCase() }, message: ofSig },
    { says: 'a short signature', change: { sig: good.sig.slice(2) }, message: ofSig },
    { says: 'a signature that is not hex', change: { sig: 'g'.repeat(128) }, message: ofSig },
    { says: 'no signature', change: { sig: undefined }, message: 'JSON object key "sig" not found' },
  ])('refuses $says', async ({ change, message }) => {
    expect(await refusalOf(() => SignedEvent.open({ ...good, ...change }))).toEqual({ code: 'invalid', message })
  })

  test.each([
    { says: 'a negative kind', change: { kind: -1 }, message: ofKind },
    { says: 'a fractional kind', change: { kind: 1.5 }, message: ofKind },
    { says: 'kind 65536', change: { kind: 65_536 }, message: ofKind },
    { says: 'a huge kind', change: { kind: 1e21 }, message: ofKind },
    { says: 'a kind in quotes', change: { kind: '1' }, message: ofKind },
    { says: 'no kind', change: { kind: null }, message: ofKind },
    { says: 'a time before 1970', change: { created_at: -1 }, message: ofTime },
    { says: 'a time with a fraction', change: { created_at: 1.5 }, message: ofTime },
    { says: 'a huge time', change: { created_at: 2 ** 53 }, message: ofTime },
    { says: 'a time beyond all numbers', change: { created_at: 1e308 }, message: ofTime },
    { says: 'a time in quotes', change: { created_at: '1800000000' }, message: ofTime },
    { says: 'tags that are no list', change: { tags: { 0: ['t'] } }, message: 'tags field not an array' },
    { says: 'a tag that is no list', change: { tags: ['t'] }, message: 'tag in tags field was not an array' },
    { says: 'an empty tag', change: { tags: [['t', 'x'], []] }, message: 'too few fields in tag' },
    { says: 'a number in a tag', change: { tags: [['t', 5]] }, message: 'tag val was not a string' },
    { says: 'null in a tag', change: { tags: [['t', null]] }, message: 'tag val was not a string' },
    { says: 'a list in a tag', change: { tags: [['t', ['x']]] }, message: 'tag val was not a string' },
    { says: 'a lone surrogate in a tag', change: { tags: [['t', 'a\ud800']] }, message: ofTags },
    { says: 'NUL in a tag', change: { tags: [['t', 'a\u0000']] }, message: ofTags },
    { says: 'a lone surrogate in the content', change: { content: '\udc00 text' }, message: ofContent },
    { says: 'NUL in the content', change: { content: 'a\u0000b' }, message: ofContent },
    { says: 'content that is a number', change: { content: 5 }, message: 'event content field was not a string' },
    {
      says: 'content that is an object',
      change: { content: { toString: 'x' } },
      message: 'event content field was not a string',
    },
    { says: 'no content', change: { content: null }, message: 'event content field was not a string' },
  ])('refuses $says, even where id and signature would fit', async ({ change, message }) => {
    const event = { ...good, ...change } as NostrEvent
    const raw = JSON.stringify({ ...event, id: eventId(event) })
    expect(await refusalOf(() => SignedEvent.open(raw, () => true))).toEqual({ code: 'invalid', message })
  })

  test('says nothing about ids and signatures', () => {
    expect(readShape({ ...good, id: other.id, extra: 1 })).toEqual({ ...good, id: other.id })
  })
})

describe('a forgery', () => {
  const edits: Record<string, unknown> = {
    content: 'pay mallory',
    created_at: good.created_at + 1,
    kind: 2,
    pubkey: bob.pubkey,
    tags: [['t', 'x']],
  }

  test.each(Object.entries(edits))('that changes %s under the old id has a bad id', async (name, value) => {
    const refusal = await refusalOf(() => SignedEvent.open({ ...good, [name]: value }))
    expect(refusal).toEqual({ code: 'invalid', message: 'bad event id' })
  })

  test.each(Object.entries(edits))('that changes %s and the id has a bad signature', async (name, value) => {
    const forged = { ...good, [name]: value }
    const refusal = await refusalOf(() => SignedEvent.open({ ...forged, id: eventId(forged) }))
    expect(refusal).toEqual({ code: 'invalid', message: 'bad signature' })
  })

  test.each([
    { says: 'of another event', sig: other.sig },
    { says: 'of another key', sig: signEvent(template, bob.secretKey).sig },
    { says: 'of zeros', sig: '0'.repeat(128) },
    { says: 'beyond the curve', sig: 'f'.repeat(128) },
  ])('with the signature $says is refused', async ({ sig }) => {
    const refusal = await refusalOf(() => SignedEvent.open({ ...good, sig }))
    expect(refusal).toEqual({ code: 'invalid', message: 'bad signature' })
    expect(SignedEvent.tryOpen({ ...good, sig })).toBeUndefined()
  })

  test('never reaches the verifier with an id that is not its own', () => {
    const asked: string[] = []
    const verify = (id: string) => asked.push(id) > 0
    expect(SignedEvent.tryOpen({ ...good, id: other.id }, verify)).toBeUndefined()
    expect(asked).toEqual([])
    expect(SignedEvent.open(good, verify).id).toBe(good.id)
    expect(asked).toEqual([good.id])
  })
})

describe('the verdict', () => {
  const event = SignedEvent.open(good)

  test('belongs to the event that was opened', () => {
    expect(SignedEvent.is(event)).toBe(true)
  })

  test.each([
    { says: 'a copy', value: { ...event } },
    { says: 'an edited copy', value: { ...event, content: 'pay mallory' } },
    { says: 'a clone', value: structuredClone({ ...event }) },
    { says: 'something that inherits from it', value: Object.create(event) },
    { says: 'something with its prototype', value: Object.assign(Object.create(SignedEvent.prototype), good) },
    { says: 'its text', value: JSON.stringify(event) },
    { says: 'nothing', value: null },
  ])('does not pass to $says', ({ value }) => {
    expect(SignedEvent.is(value)).toBe(false)
  })

  test('is not reached by later changes to what was opened', () => {
    const raw = structuredClone(good)
    const opened = SignedEvent.open(raw)
    raw.tags[0]?.push('z')
    raw.tags.push(['p', bob.pubkey])
    expect(opened.tags).toEqual(good.tags)
  })
})

describe('reading tags', () => {
  const tags = [['e', 'one', 'more'], ['p'], ['e', 'two'], ['p', 'three'], ['-', 'x'], ['d', '']]

  test('the first value of a name is its tag', () => {
    expect([tag({ tags }, 'e'), tag({ tags }, 'p'), tag({ tags }, 'd'), tag({ tags }, 'x')]).toEqual([
      'one',
      undefined,
      '',
      undefined,
    ])
  })

  test('all first values of a name come in order, without the tags that have none', () => {
    expect([tagValues({ tags }, 'e'), tagValues({ tags }, 'p'), tagValues({ tags }, 'x')]).toEqual([
      ['one', 'two'],
      ['three'],
      [],
    ])
  })

  test.each([
    { says: 'missing', name: 'x' },
    { says: 'there twice', name: 'e' },
  ])('the only tag must not be $says', async ({ name }) => {
    const message = `exactly one "${name}" tag is needed`
    expect(await refusalOf(() => onlyTag({ tags }, name))).toEqual({ code: 'invalid', message })
  })

  test('the only tag may be empty', () => {
    expect(onlyTag({ tags }, 'd')).toBe('')
  })

  test.each([
    { value: undefined, seconds: undefined },
    { value: '0', seconds: 0 },
    { value: '1800000000', seconds: 1_800_000_000 },
  ])('expiration $value is $seconds', ({ value, seconds }) => {
    expect(expiration({ tags: value === undefined ? [] : [['expiration', value]] })).toBe(seconds)
  })

  test.each(['', 'soon', '-1', '1.5', '1e9', ' 1', '0x10', '9'.repeat(16)])('refuses expiration %j', async (value) => {
    const refusal = await refusalOf(() => expiration({ tags: [['expiration', value]] }))
    expect(refusal).toEqual({ code: 'invalid', message: 'invalid expiration' })
  })

  test.each([
    { tags: [['-']], is: true },
    { tags: [['t', 'x'], ['-']], is: true },
    { tags: [['-', 'x']], is: false },
    { tags: [['t', '-']], is: false },
    { tags: [], is: false },
  ])('NIP-70 protection of $tags is $is', ({ tags: given, is }) => {
    expect(isProtected({ tags: given })).toBe(is)
  })
})
