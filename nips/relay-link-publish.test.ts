import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { type LinkStage, linkStage } from '#tests/support/link-stage'
import { refusalOf } from '#tests/support/refusal'
import type { NostrEvent } from './keys.ts'

const alice = author()
const [one, two] = [alice.sign({ content: 'one' }), alice.sign({ content: 'two' })]

let stage: LinkStage
beforeEach(() => {
  stage = linkStage()
})
afterEach(() => stage.link.close())

/** A publication, and whether it has ended, without waiting for it. */
function publish(event: NostrEvent, isStale?: () => boolean) {
  const seen = { ended: false }
  const end = refusalOf(() => stage.link.publish(event, isStale)).finally(() => {
    seen.ended = true
  })
  return { seen, end }
}

const stored = { returned: undefined }
const publishedIds = () => stage.relay.last.said('EVENT').map(([event]) => (event as NostrEvent).id)

describe('publishing', () => {
  test.each([
    { says: 'an OK', answer: [true, ''] },
    { says: 'a duplicate that is called an error', answer: [false, 'duplicate: have it'] },
    { says: 'a duplicate that is called OK', answer: [true, 'duplicate: have it'] },
  ])('ends with $says', async ({ answer }) => {
    const { end } = publish(one)
    await stage.accept()
    stage.relay.last.say('OK', one.id, ...answer)
    expect(await end).toEqual(stored)
  })

  test.each(['invalid: bad', 'restricted: not you', 'blocked: vanished', 'auth-required: no key here', 'errors', ''])(
    'is refused for good by %j',
    async (reason) => {
      const { end } = publish(one)
      await stage.accept()
      stage.relay.last.say('OK', one.id, false, reason)
      expect(await end).toEqual({ code: 'unauthorized', message: reason })
      await stage.comeBack()
      expect(publishedIds()).toEqual([])
    },
  )

  test('is not ended by the OK of another event', async () => {
    const { seen, end } = publish(one)
    await stage.accept()
    stage.relay.last.say('OK', two.id, true, '')
    await stage.clock.advance(1000)
    expect(seen.ended).toBe(false)
    stage.relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
  })

  test('is tried again on every connection until there is an OK', async () => {
    const { seen, end } = publish(one)
    await stage.accept()
    for (let cut = 0; cut < 3; cut += 1) {
      expect(publishedIds()).toEqual([one.id])
      await stage.comeBack()
    }
    expect(seen.ended).toBe(false)
    stage.relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
    await stage.comeBack()
    expect(publishedIds()).toEqual([])
  })

  test.each(['error: disk', 'rate-limited: slow down'])(
    'is tried again after growing pauses when the relay says %j',
    async (reason) => {
      const { end } = publish(one)
      await stage.accept()
      for (const [times, pause] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
        stage.relay.last.say('OK', one.id, false, reason)
        await stage.clock.advance(pause - 1)
        expect(publishedIds()).toHaveLength(times + 1)
        await stage.clock.advance(1)
        expect(publishedIds()).toHaveLength(times + 2)
      }
      stage.relay.last.say('OK', one.id, true, '')
      expect(await end).toEqual(stored)
    },
  )

  test('is tried again after a short pause on a new connection, however long the last one was', async () => {
    publish(one)
    await stage.accept()
    for (let time = 0; time < 3; time += 1) {
      stage.relay.last.say('OK', one.id, false, 'error: disk')
      await stage.clock.advance(4000)
    }
    await stage.comeBack()
    stage.relay.last.say('OK', one.id, false, 'error: disk')
    await stage.clock.advance(1000)
    expect(publishedIds()).toEqual([one.id, one.id])
  })

  test('survives a relay that has an error and goes away while it is being dialled again', async () => {
    const { end } = publish(one)
    await stage.accept()
    stage.relay.last.say('OK', one.id, false, 'error: shutting down')
    stage.relay.last.cut()
    await stage.clock.advance(2000)
    await stage.accept()
    expect(publishedIds()).toEqual([one.id])
    await stage.clock.advance(5000)
    expect(publishedIds()).toEqual([one.id])
    stage.relay.last.say('OK', one.id, true, '')
    expect(await end).toEqual(stored)
  })

  test('the same event twice at once sends it once and ends both times', async () => {
    const ends = [publish(one).end, publish(one).end]
    await stage.accept()
    expect(publishedIds()).toEqual([one.id])
    stage.relay.last.say('OK', one.id, true, '')
    expect(await Promise.all(ends)).toEqual([stored, stored])
  })

  test('what has become too old on its way is not sent any more', async () => {
    let isStale = false
    const { end } = publish(one, () => isStale)
    await stage.accept()
    expect(publishedIds()).toEqual([one.id])
    isStale = true
    await stage.comeBack()
    expect(publishedIds()).toEqual([])
    expect(await end).toEqual({ code: 'expired', message: 'it has become too old to be sent' })
  })

  test.each([
    { says: 'while it waits', before: false },
    { says: 'before', before: true },
  ])('rejects when the link is closed $says', async ({ before }) => {
    await stage.accept()
    if (before) stage.link.close()
    const { end } = publish(one)
    if (!before) stage.link.close()
    expect(await end).toEqual({ code: 'unavailable', message: 'the link was closed' })
  })

  test('without waiting leaves at once, or not at all', async () => {
    stage.link.send(one)
    await stage.accept()
    stage.link.send(two)
    expect(publishedIds()).toEqual([two.id])
  })
})
