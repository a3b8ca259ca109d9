import { afterEach, describe, expect, test } from 'vitest'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { leadingZeroBits } from '#nips/nip13'
import { NOW } from './testing/events.ts'
import { type Options, serveRelay, type TestRelay } from './testing/served.ts'
import { is } from './testing/wire.ts'

let relay: TestRelay | undefined
afterEach(() => relay?.close())
const served = async (env: Record<string, string>, more: Options = {}): Promise<TestRelay> => {
  relay = await serveRelay({ env: { RELAY_TRUSTED_IPS: 'none', ...env }, ...more })
  return relay
}
const tooMany = (what: string) => `rate-limited: too many ${what}`

describe('one address', () => {
  test('sends so many events a minute, on however many connections, whether they are right or not', async () => {
    const { clock, client, person } = await served({ RELAY_EVENTS_PER_IP_MINUTE: '6' })
    const ann = person()
    const [one, two] = [await client(ann), await client()]
    const forged = { ...ann.sign({}), sig: '0'.repeat(128) }
    for (let at = 0; at < 2; at++) expect(await one.publish(forged)).toEqual([false, 'invalid: bad signature'])
    for (const who of [one, two, two]) expect((await who.publish(person().sign({})))[0]).toBe(true)
    const note = ann.sign({})
    expect(await one.publish(note)).toEqual([false, tooMany('events from your address')])
    expect(await two.signIn(person())).toEqual([false, tooMany('events from your address')])
    clock.advance(10)
    expect(await two.publish(note)).toEqual([true, ''])
    expect(await two.publish(ann.sign({ content: 'x' }))).toEqual([false, tooMany('events from your address')])
  })

  test('asks for so much a minute, and a wide question counts more', async () => {
    const { clock, client } = await served({ RELAY_REQUESTS_PER_IP_MINUTE: '12' })
    const one = await client()
    expect((await one.ask('a', {})).end[0]).toBe('EOSE')
    for (const name of ['b', 'c']) expect((await one.ask(name, { kinds: [1] })).end[0]).toBe('EOSE')
    const refused = ['CLOSED', 'd', tooMany('requests from your address')]
    expect((await one.ask('d', { kinds: [1] })).end).toEqual(refused)
    one.say('COUNT', 'd', { kinds: [1] })
    expect(await one.next(is('CLOSED', 'd'))).toEqual(refused)
    one.say('NEG-OPEN', 'd', { kinds: [1] }, '61')
    expect(await one.next(is('NEG-ERR'))).toEqual(['NEG-ERR', 'd', tooMany('requests from your address')])
    clock.advance(15)
    expect((await one.ask('d', { kinds: [1] })).end[0]).toBe('EOSE')
    one.say('NEG-MSG', 'd', '61')
    expect(await one.next(is('NEG-ERR'))).toEqual(['NEG-ERR', 'd', tooMany('requests from your address')])
  })

  test('that is trusted does as it likes', async () => {
    const env = { RELAY_TRUSTED_IPS: '127.0.0.0/8', RELAY_EVENTS_PER_IP_MINUTE: '1', RELAY_EVENTS_PER_KEY_MINUTE: '1' }
    const { client, person } = await served({ ...env, RELAY_REQUESTS_PER_IP_MINUTE: '1' })
    const [one, ann] = [await client(), person()]
    for (let at = 0; at < 5; at++) {
      expect((await one.ask('a', {})).end[0]).toBe('EOSE')
      expect(await one.publish(ann.sign({ content: String(at) }))).toEqual([true, ''])
    }
  })

  test('is without limit where the limit is 0', async () => {
    const env = { RELAY_EVENTS_PER_IP_MINUTE: '0', RELAY_REQUESTS_PER_IP_MINUTE: '0', RELAY_EVENTS_PER_KEY_MINUTE: '0' }
    const { client, person } = await served(env)
    const [one, ann] = [await client(), person()]
    for (let at = 0; at < 30; at++) expect((await one.publish(ann.sign({ content: String(at) })))[0]).toBe(true)
  })
})

describe('one key', () => {
  test('publishes so many events a minute, and nobody uses them up in its place', async () => {
    const { clock, client, person } = await served({ RELAY_EVENTS_PER_KEY_MINUTE: '3' })
    const [one, ann] = [await client(), person()]
    const first = ann.sign({ content: 'first' })
    expect(await one.publish(first)).toEqual([true, ''])
    for (let at = 0; at < 5; at++) {
      expect(await one.publish(first)).toEqual([true, 'duplicate: have this event'])
      expect(await one.publish({ ...ann.sign({}), sig: first.sig })).toEqual([false, 'invalid: bad signature'])
    }
    expect(await one.publish(ann.sign({ content: 'second' }))).toEqual([true, ''])
    expect(await one.publish(ann.sign({ kind: 20_001 }))).toEqual([true, ''])
    expect(await one.publish(ann.sign({ content: 'fourth' }))).toEqual([false, tooMany('events of this key')])
    expect(await one.publish(person().sign({}))).toEqual([true, ''])
    clock.advance(20)
    expect(await one.publish(ann.sign({ content: 'fourth' }))).toEqual([true, ''])
  })

  test('of the deployment publishes as much as it likes', async () => {
    const { client, service } = await served({
      RELAY_EVENTS_PER_KEY_MINUTE: '1',
      RELAY_QUOTA_BYTES: '1',
      RELAY_MIN_POW: '9',
    })
    const one = await client()
    for (let at = 0; at < 5; at++)
      expect(await one.publish(service.sign({ kind: 7000, content: String(at) }))).toEqual([true, ''])
  })

  test('stores as much as its share, and may store again when it has taken something back', async () => {
    const { clock, client, person } = await served({ RELAY_QUOTA_BYTES: '1500' })
    const [one, ann] = [await client(), person()]
    const note = (content: string) => ann.sign({ content: content.repeat(700) })
    expect([await one.publish(note('a')), await one.publish(note('b'))]).toEqual([
      [true, ''],
      [true, ''],
    ])
    const full = [false, 'blocked: this key has stored as much as it may']
    expect(await one.publish(note('c'))).toEqual(full)
    expect(await one.publish(ann.sign({ kind: 20_001 }))).toEqual([true, ''])
    expect(await one.publish(person().sign({}))).toEqual([true, ''])
    const deletion = ann.sign({ kind: 5, tags: [note('a'), note('b')].map(({ id }) => ['e', id]) })
    expect(await one.publish(deletion)).toEqual([true, ''])
    clock.advance(60)
    expect(await one.publish(note('c'))).toEqual([true, ''])
  })
})

describe('a stranger', () => {
  /** An event with at least so many zero bits that says it aims for `target`. */
  function mined(bits: number, target: string | undefined = String(bits)) {
    const key = generateSecretKey()
    const nonce = (at: number) => ['nonce', String(at), ...(target === undefined ? [] : [target])]
    for (let at = 0; ; at++) {
      const event = signEvent({ kind: 1, created_at: NOW, tags: [nonce(at)], content: '' }, key)
      if (leadingZeroBits(event.id) >= bits) return { key, event }
    }
  }

  test('works for the first event, and is known from then on', async () => {
    const { client } = await served({ RELAY_MIN_POW: '6' })
    const one = await client()
    const { key, event } = mined(6)
    const more = signEvent({ kind: 1, created_at: NOW, tags: [], content: 'more' }, key)
    expect(await one.publish(more)).toEqual([false, 'pow: difficulty 0 is less than 6'])
    expect(await one.publish(event)).toEqual([true, ''])
    expect(await one.publish(more)).toEqual([true, ''])
  })

  test.each([
    { says: 'aims for less', mine: () => mined(6, '5'), reason: 'pow: difficulty 5 is less than 6' },
    { says: 'does not say what it aims for', mine: () => mined(6, ''), reason: 'pow: difficulty 0 is less than 6' },
  ])('is not taken who $says', async ({ mine, reason }) => {
    const { client } = await served({ RELAY_MIN_POW: '6' })
    expect(await (await client()).publish(mine().event)).toEqual([false, reason])
  })

  test('is nobody who has signed in with a key that is known, as senders of gift wraps do', async () => {
    const { client, person, service } = await served({ RELAY_MIN_POW: '200' })
    const [known, unknown] = [await client(service), await client(person())]
    const wrap = (content: string) =>
      person().sign({ kind: 1059, tags: [['p', publicKeyOf(generateSecretKey())]], content })
    expect(await known.publish(wrap('a'))).toEqual([true, ''])
    expect((await unknown.publish(wrap('b')))[0]).toBe(false)
  })

  test('reads in NIP-11 how much work is needed', async () => {
    const { http } = await served({ RELAY_MIN_POW: '12' })
    const info = await (await fetch(http, { headers: { accept: 'application/nostr+json' } })).json()
    expect(info).toMatchObject({
      supported_nips: expect.arrayContaining([13]),
      limitation: { min_pow_difficulty: 12 },
    })
  })
})

describe('a disk that is nearly full', () => {
  test('stores nothing, passes on what is not stored, and all is well when there is room', async () => {
    const disk = { full: true }
    const { client, person } = await served({}, { diskIsFull: () => disk.full })
    const [one, ann] = [await client(), person()]
    const note = ann.sign({})
    const refused = [false, 'error: the disk is nearly full, nothing is stored']
    await one.ask('live', { authors: [ann.pubkey] })
    expect(await one.publish(note)).toEqual(refused)
    const passing = ann.sign({ kind: 20_001 })
    expect(await one.publish(passing)).toEqual([true, ''])
    disk.full = false
    expect(await one.publish(note)).toEqual([true, ''])
    expect(await one.got('live')).toEqual([passing.id, note.id])
  })
})
