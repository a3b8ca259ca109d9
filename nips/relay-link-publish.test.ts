import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { type ManualClock, manualClock } from '#tests/support/clock'
import { refusalOf } from '#tests/support/refusal'
import { type ScriptedRelay, scriptedRelay } from '#tests/support/scripted-relay'
import type { NostrEvent } from './keys.ts'
import { RelayLink } from './relay-link.ts'

const alice = author()
const [one, two] = [alice.sign({ content: 'one' }), alice.sign({ content: 'two' })]

let clock: ManualClock
let relay: ScriptedRelay
let link: RelayLink

beforeEach(() => {
  clock = manualClock()
  relay = scriptedRelay()
  link = new RelayLink({ url: 'wss://relay.example', open: relay.open, clock })
})
afterEach(() => link.close())

async function accept(): Promise<void> {
  relay.last.accept()
  await clock.advance(0)
}

/** A promise and whether it has ended, without waiting for it. */
function watched(promise: Promise<void>) {
  const seen = { ended: false }
  const end = refusalOf(() => promise).finally(() => {
    seen.ended = true
  })
  return { seen, end }
}

const stored = { returned: undefined }
const publishedIds = () => relay.last.said('EVENT').map(([event]) => (event as NostrEvent).id)

describe('publishing', () => {
  test.each([
    { says: 'an OK', answer: [true, ''], refusal: stored },
    { says: 'a duplicate that is called an error', answer: [false, 'duplicate: have it'], refusal: stored },
    { says: 'a duplicate that is called OK', answer: [true, 'duplicate: have it'], refusal: stored },
  ])('ends with $says', async ({ answer, refusal }) => {
    const { end } = watched(link.publish(one))
    await accept()
    relay.last.say('OK', one.id, ...answer)
    expect(await end).toEqual(refusal)
  })

  test.each([
    { reason: 'invalid: bad', code: 'unauthorized' },
    { reason: 'restricted: not you', code: 'unauthorized' },
    { reason: 'blocked: vanished', code: 'unauthorized' },
    { reason: 'rate-limited: slow down', code: 'rate-limited' },
    { reason: 'auth-required: no key here', code: 'unauthorized' },
    { reason: '', code: 'unauthorized' },
  ])('is refused for good by $reason', async ({ reason, code }) => {
    const { end } = watched(link.publish(one))
    await accept()
    relay.last.say('OK', one.id, false, reason)
    expect(await end).toEqual({ code, message: reason })
    relay.last.cut()
    await clock.advance(15_000)
    await accept()
    expect(publishedIds()).toEqual([])
  })

  test('is not ended by the OK of another event', async () => {
    const { seen, end } = watched(link.publish(one))
    await accept()
    relay.last.say('OK', two.id, true, '')
    await clock.advance(1000)
    expect(seen.ended).toBe(false)
    relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
  })

  test('is tried again on every connection until there is an OK', async () => {
    const { seen, end } = watched(link.publish(one))
    for (let cut = 0; cut < 3; cut += 1) {
      await accept()
      expect(publishedIds()).toEqual([one.id])
      relay.last.cut()
      await clock.advance(15_000)
    }
    await accept()
    expect(seen.ended).toBe(false)
    relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
    relay.last.cut()
    await clock.advance(15_000)
    await accept()
    expect(publishedIds()).toEqual([])
  })

  test('is tried again a second after the relay had an error of its own', async () => {
    const { end } = watched(link.publish(one))
    await accept()
    relay.last.say('OK', one.id, false, 'error: disk')
    await clock.advance(999)
    expect(publishedIds()).toEqual([one.id])
    await clock.advance(1)
    expect(publishedIds()).toEqual([one.id, one.id])
    relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
  })

  test('survives a relay that has an error and goes away while it is being dialled again', async () => {
    const { end } = watched(link.publish(one))
    await accept()
    relay.last.say('OK', one.id, false, 'error: shutting down')
    relay.last.cut()
    await clock.advance(2000)
    await accept()
    expect(publishedIds()).toEqual([one.id])
    relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
  })

  test('the same event twice at once ends both times', async () => {
    const ends = [watched(link.publish(one)).end, watched(link.publish(one)).end]
    await accept()
    relay.last.say('OK', one.id, true, '')
    expect(await Promise.all(ends)).toEqual([stored, stored])
  })

  test.each([
    { says: 'while it waits', before: false },
    { says: 'before', before: true },
  ])('rejects when the link is closed $says', async ({ before }) => {
    await accept()
    if (before) link.close()
    const { end } = watched(link.publish(one))
    if (!before) link.close()
    expect(await end).toEqual({ code: 'unavailable', message: 'error: the link was closed' })
  })

  test('without waiting leaves at once, or not at all', async () => {
    link.send(one)
    await accept()
    link.send(two)
    expect(publishedIds()).toEqual([two.id])
  })
})
