import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { type LinkStage, linkStage } from '#tests/support/link-stage'
import { refusalOf } from '#tests/support/refusal'

const alice = author()
const [one, two] = [alice.sign({ content: 'one' }), alice.sign({ content: 'two' })]

let stage: LinkStage
beforeEach(() => {
  stage = linkStage()
})
afterEach(() => stage.link.close())

describe('a query', () => {
  test('ends with everything stored, each once', async () => {
    await stage.accept()
    const found = stage.link.query({ filters: [{ kinds: [1] }] })
    for (const event of [one, two, one]) stage.relay.last.say('EVENT', 's1', event)
    stage.relay.last.say('EOSE', 's1')
    expect(await found).toEqual([one, two])
    expect(stage.relay.last.said('CLOSE')).toEqual([['s1']])
  })

  test('that was cut in the middle is asked again and loses nothing', async () => {
    const found = stage.link.query({ filters: [{ kinds: [1] }] })
    await stage.accept()
    stage.relay.last.say('EVENT', 's1', one)
    await stage.comeBack()
    stage.relay.last.say('EVENT', 's1', two)
    stage.relay.last.say('EOSE', 's1')
    expect(await found).toEqual([one, two])
  })

  test('that the relay refuses rejects with its words', async () => {
    await stage.accept()
    const found = refusalOf(() => stage.link.query({ filters: [{ kinds: [1] }] }))
    stage.relay.last.say('CLOSED', 's1', 'invalid: too many concurrent REQs')
    expect(await found).toEqual({ code: 'unauthorized', message: 'invalid: too many concurrent REQs' })
  })

  test('that a busy relay puts off waits for its answer', async () => {
    await stage.accept()
    const found = stage.link.query({ filters: [{ kinds: [1] }] })
    stage.relay.last.say('CLOSED', 's1', 'error: too busy')
    await stage.clock.advance(1000)
    stage.relay.last.say('EVENT', 's1', one)
    stage.relay.last.say('EOSE', 's1')
    expect(await found).toEqual([one])
  })

  test.each([
    { says: 'is under way', before: false },
    { says: 'was made later', before: true },
  ])('rejects when the link is closed while it $says', async ({ before }) => {
    await stage.accept()
    if (before) stage.link.close()
    const found = refusalOf(() => stage.link.query({ filters: [{ kinds: [1] }] }))
    if (!before) stage.link.close()
    expect(await found).toEqual({ code: 'unavailable', message: 'the link was closed' })
  })
})
