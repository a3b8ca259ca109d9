import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { collect, type LinkStage, linkStage } from '#tests/support/link-stage'

const alice = author()
const [one, two] = [alice.sign({ content: 'one' }), alice.sign({ content: 'two' })]

let stage: LinkStage
beforeEach(() => {
  stage = linkStage()
})
afterEach(() => stage.link.close())

describe('what a relay sends', () => {
  test.each([
    { says: 'an event of the filter', said: ['EVENT', 's1', one], heard: true },
    { says: 'a forged event', said: ['EVENT', 's1', { ...one, content: 'pay mallory' }], heard: false },
    { says: 'a forged signature', said: ['EVENT', 's1', { ...one, sig: two.sig }], heard: false },
    { says: 'an event nobody asked for', said: ['EVENT', 's1', alice.sign({ kind: 7 })], heard: false },
    { says: 'an event of another author', said: ['EVENT', 's1', author().sign()], heard: false },
    { says: 'an event for a subscription nobody has', said: ['EVENT', 's9', one], heard: false },
    { says: 'an event that is none', said: ['EVENT', 's1', 'one'], heard: false },
    { says: 'no event', said: ['EVENT', 's1'], heard: false },
    { says: 'something else', said: ['NOTICE', 'hello'], heard: false },
    { says: 'nothing', said: [], heard: false },
  ])('$says is heard: $heard', async ({ said, heard: expected }) => {
    const { heard } = collect(stage.link, [{ kinds: [1], authors: [alice.pubkey] }])
    await stage.accept()
    stage.relay.last.say(...said)
    await stage.clock.advance(0)
    expect(heard.events.length > 0).toBe(expected)
  })

  test.each(['', '{', 'null', '5', '{"EVENT":1}', new Uint8Array([1, 2])])(
    'the frame %j is passed over',
    async (frame) => {
      const { heard } = collect(stage.link, [{}])
      await stage.accept()
      stage.relay.last.raw(frame)
      stage.relay.last.say('EVENT', 's1', one)
      expect(heard.events).toEqual([one])
    },
  )

  test('is verified once, and an edit of it is still noticed', async () => {
    const verified: string[] = []
    const verifying = linkStage({
      verify: (id) => {
        verified.push(id)
        return id === one.id
      },
    })
    const { heard } = collect(verifying.link, [{ kinds: [1] }])
    await verifying.accept()
    for (const event of [one, one, { ...one, content: 'edited' }, two, two])
      verifying.relay.last.say('EVENT', 's1', event)
    expect(heard.events).toEqual([one, one])
    expect(verified).toEqual([one.id, two.id, two.id])
    verifying.link.close()
  })

  test('is not even verified where it needs no look', async () => {
    let verified = 0
    const skipping = linkStage({
      skip: (raw) => (raw as { id: string }).id === one.id,
      verify: () => {
        verified += 1
        return true
      },
    })
    const { heard } = collect(skipping.link, [{ kinds: [1] }])
    await skipping.accept()
    for (const event of [one, two]) skipping.relay.last.say('EVENT', 's1', event)
    expect([heard.events, verified]).toEqual([[two], 1])
    skipping.link.close()
  })
})
