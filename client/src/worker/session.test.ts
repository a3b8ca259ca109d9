import { expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { Session } from './session.ts'
import { ManualClock, settle } from './testing/clock.ts'
import { type Person, person } from './testing/person.ts'
import { fakeRelay } from './testing/relay.ts'

function stage(me?: Person) {
  const clock = new ManualClock()
  const relay = fakeRelay()
  const session = new Session({
    url: 'ws://relay',
    clock,
    dial: relay.dial,
    random: () => 0.5,
    onState: () => undefined,
    ...(me === undefined ? {} : { sign: me.signer.sign }),
  })
  void session.run()
  relay.open()
  const signIn = async () => {
    relay.say('AUTH', 'a challenge')
    await settle()
    const [[, auth] = []] = relay.take('AUTH')
    relay.say('OK', (auth as NostrEvent).id, true, '')
    return auth as NostrEvent
  }
  return { clock, relay, session, signIn }
}

test('what is private is asked and sent after signing in, what is public at once', async () => {
  const me = person()
  const { relay, session, signIn } = stage(me)
  session.subscribe({ filters: [{ kinds: [1] }], onEvent: () => undefined })
  session.subscribe({ private: true, filters: [{ kinds: [7000] }], onEvent: () => undefined })
  void session.publish(me.sign({}))
  expect(relay.take('REQ').map(([, , filter]) => filter)).toEqual([{ kinds: [1] }])
  expect(relay.take('EVENT')).toEqual([])
  const auth = await signIn()
  expect(auth.kind).toBe(kind.relayAuth)
  expect(auth.tags).toContainEqual(['challenge', 'a challenge'])
  expect(relay.take('REQ').map(([, , filter]) => filter)).toEqual([{ kinds: [7000] }])
  expect(relay.take('EVENT')).toHaveLength(1)
})

test('a relay that never challenges is spoken to after a short wait', async () => {
  const { clock, relay, session } = stage(person())
  session.subscribe({ private: true, filters: [{ kinds: [7000] }], onEvent: () => undefined })
  expect(relay.take('REQ')).toEqual([])
  await clock.advance(1500)
  expect(relay.take('REQ')).toHaveLength(1)
})

test('after a cut the same REQ goes out again, and what was not confirmed is sent again', async () => {
  const me = person()
  const { clock, relay, session, signIn } = stage(me)
  const filter = { kinds: [5785], authors: [me.pubkey], limit: 5 }
  session.subscribe({ private: true, filters: [filter], onEvent: () => undefined })
  await signIn()
  const [first] = relay.take('REQ')
  const event = me.sign({ content: 'sent twice' })
  const outcome = session.publish(event)
  relay.take('EVENT')
  relay.cut()
  await clock.advance(1000)
  relay.open()
  await signIn()
  expect(relay.take('REQ')).toEqual([first])
  expect(relay.take('EVENT').map(([, sent]) => (sent as NostrEvent).id)).toEqual([event.id])
  relay.say('OK', event.id, true, 'duplicate: already have it')
  expect(await outcome).toEqual({ ok: true })
})

test('a forged event, another event, and one that does not match are dropped', async () => {
  const [author, other] = [person(), person()]
  const { relay, session } = stage()
  const got: string[] = []
  session.subscribe({
    filters: [{ kinds: [1], authors: [author.pubkey] }],
    onEvent: ({ content }) => got.push(content),
  })
  const [[, id] = []] = relay.take('REQ')
  const honest = author.sign({ content: 'honest' })
  relay.say('EVENT', id, { ...honest, content: 'edited' })
  relay.say('EVENT', id, { ...honest, sig: other.sign({}).sig })
  relay.say('EVENT', id, other.sign({ content: 'of another author' }))
  relay.say('EVENT', id, author.sign({ kind: 7, content: 'of another kind' }))
  relay.say('EVENT', 'never asked', honest)
  relay.raw('not json')
  relay.say('EVENT', id, honest)
  relay.say('EVENT', id, { ...honest, content: 'edited, after the honest one was checked' })
  expect(got).toEqual(['honest'])
})

test('events before EOSE are stored ones, events after it are live', () => {
  const author = person()
  const { relay, session } = stage()
  const got: [string, boolean][] = []
  let stored = 0
  session.subscribe({
    filters: [{ kinds: [1] }],
    onEvent: ({ content }, live) => got.push([content, live]),
    onStored: () => {
      stored += 1
    },
  })
  const [[, id] = []] = relay.take('REQ')
  relay.say('EVENT', id, author.sign({ content: 'old' }))
  relay.say('EOSE', id)
  relay.say('EVENT', id, author.sign({ content: 'new' }))
  expect(got).toEqual([
    ['old', false],
    ['new', true],
  ])
  expect(stored).toBe(1)
})

test.each([
  { says: 'blocked is final', reason: 'blocked: no', ends: { ok: false, reason: 'blocked: no' } },
  { says: 'invalid is final', reason: 'invalid: no', ends: { ok: false, reason: 'invalid: no' } },
  { says: 'a busy relay is asked again', reason: 'rate-limited: slow down', ends: undefined },
  { says: 'a relay in trouble is asked again', reason: 'error: disk', ends: undefined },
])('of refusals, $says', async ({ reason, ends }) => {
  const me = person()
  const { clock, relay, session, signIn } = stage(me)
  await signIn()
  const event = me.sign({})
  let outcome: unknown
  void session.publish(event).then((settled) => {
    outcome = settled
  })
  relay.take('EVENT')
  relay.say('OK', event.id, false, reason)
  await clock.advance(3000)
  expect(outcome).toEqual(ends)
  expect(relay.take('EVENT')).toHaveLength(ends === undefined ? 1 : 0)
})

test('a subscription refused for good is not taken for an empty answer', () => {
  const { relay, session } = stage()
  let stored = 0
  session.subscribe({
    filters: [{ kinds: [1] }],
    onEvent: () => undefined,
    onStored: () => {
      stored += 1
    },
  })
  const [[, id] = []] = relay.take('REQ')
  relay.say('CLOSED', id, 'restricted: not you')
  relay.say('EOSE', id)
  expect(stored).toBe(0)
})

test('what has become too old on its way is not sent any more', async () => {
  const me = person()
  const { clock, relay, session, signIn } = stage(me)
  await signIn()
  let stale = false
  const outcome = session.publish(me.sign({}), () => stale)
  expect(relay.take('EVENT')).toHaveLength(1)
  relay.cut()
  stale = true
  await clock.advance(1000)
  relay.open()
  await signIn()
  expect(relay.take('EVENT')).toEqual([])
  expect(await outcome).toMatchObject({ ok: false })
})
