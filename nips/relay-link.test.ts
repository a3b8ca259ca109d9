import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { collect, type LinkStage, linkStage } from '#tests/support/link-stage'
import { kind } from './kinds.ts'

const alice = author()
const [one, two] = [alice.sign({ content: 'one' }), alice.sign({ content: 'two' })]

let stage: LinkStage
beforeEach(() => {
  stage = linkStage()
})
afterEach(() => stage.link.close())

describe('a subscription', () => {
  test('made before there is a connection is asked for as soon as there is one', async () => {
    collect(stage.link, [{ kinds: [1] }, { '#t': ['x'] }])
    await stage.accept()
    expect(stage.relay.urls).toEqual(['wss://relay.example'])
    expect(stage.relay.last.sent).toEqual([['REQ', 's1', { kinds: [1] }, { '#t': ['x'] }]])
  })

  test('made on a connection is asked for at once, under a name of its own', async () => {
    await stage.accept()
    collect(stage.link, [{ kinds: [1] }])
    collect(stage.link, [{ kinds: [1] }])
    expect(stage.relay.last.said('REQ').map(([id]) => id)).toEqual(['s1', 's2'])
  })

  test('with a filter that no relay would take is refused to whoever makes it', async () => {
    await stage.accept()
    expect(() => collect(stage.link, [{ kind: [1] }])).toThrow('unrecognised filter item: kind')
    expect(stage.relay.last.sent).toEqual([])
  })

  test('is asked for again after a cut, as it was, so that nothing is lost', async () => {
    const { heard } = collect(stage.link, [{ kinds: [1], since: 5 }])
    await stage.accept()
    stage.relay.last.say('EVENT', 's1', one)
    await stage.comeBack()
    expect(stage.relay.last.said('REQ')).toEqual([['s1', { kinds: [1], since: 5 }]])
    stage.relay.last.say('EVENT', 's1', two)
    stage.relay.last.say('EOSE', 's1')
    expect(heard).toMatchObject({ events: [one, two], stored: 1 })
  })

  test('whose filters move with the clock is asked for anew each time', async () => {
    let since = 10
    const { heard } = collect(stage.link, () => [{ kinds: [1], since }])
    await stage.accept()
    since = one.created_at + 1
    await stage.comeBack()
    expect(stage.relay.sockets.map((socket) => socket.said('REQ')[0]?.[1])).toEqual([
      { kinds: [1], since: 10 },
      { kinds: [1], since },
    ])
    stage.relay.last.say('EVENT', 's1', one)
    expect(heard.events).toEqual([])
  })

  test('tells stored events from live ones, on every connection', async () => {
    const { heard } = collect(stage.link, [{ kinds: [1] }])
    await stage.accept()
    stage.relay.last.say('EVENT', 's1', one)
    stage.relay.last.say('EOSE', 's1')
    stage.relay.last.say('EOSE', 's1')
    stage.relay.last.say('EVENT', 's1', two)
    await stage.comeBack()
    stage.relay.last.say('EVENT', 's1', one)
    stage.relay.last.say('EOSE', 's1')
    stage.relay.last.say('EVENT', 's1', two)
    expect(heard).toMatchObject({ live: [false, true, false, true], stored: 2 })
  })

  test('for what is stored ends with it', async () => {
    let stored = 0
    stage.link.subscribe({
      filters: [{ kinds: [1] }],
      once: true,
      onEvent: () => undefined,
      onStored: () => {
        stored += 1
      },
    })
    await stage.accept()
    stage.relay.last.say('EOSE', 's1')
    expect([stage.relay.last.said('CLOSE'), stored]).toEqual([[['s1']], 1])
    await stage.comeBack()
    expect(stage.relay.last.sent).toEqual([])
  })

  test('that has ended is closed, and neither heard nor asked for again', async () => {
    const { heard, stop } = collect(stage.link, [{ kinds: [1] }])
    await stage.accept()
    stop()
    stop()
    stage.relay.last.say('EVENT', 's1', one)
    stage.relay.last.say('EOSE', 's1')
    expect(stage.relay.last.said('CLOSE')).toEqual([['s1']])
    await stage.comeBack()
    expect([stage.relay.last.sent, heard]).toEqual([[], { events: [], live: [], stored: 0, ended: [] }])
  })

  test('that the relay refuses for good ends with its words, and not with an empty answer', async () => {
    const { heard } = collect(stage.link, [{ kinds: [1] }])
    await stage.accept()
    stage.relay.last.say('CLOSED', 's1', 'restricted: not you')
    stage.relay.last.say('EOSE', 's1')
    const ended = [{ code: 'unauthorized', message: 'restricted: not you' }]
    expect(heard).toMatchObject({ ended, stored: 0 })
    await stage.comeBack()
    expect(stage.relay.last.sent).toEqual([])
  })

  test.each(['error: too busy', 'rate-limited: slow down'])(
    'that the relay puts off with %j is asked for again after growing pauses',
    async (reason) => {
      const { heard } = collect(stage.link, [{ kinds: [1] }])
      await stage.accept()
      for (const [times, pause] of [1000, 2000, 4000].entries()) {
        stage.relay.last.say('CLOSED', 's1', reason)
        await stage.clock.advance(pause - 1)
        expect(stage.relay.last.said('REQ')).toHaveLength(times + 1)
        await stage.clock.advance(1)
        expect(stage.relay.last.said('REQ')).toHaveLength(times + 2)
      }
      stage.relay.last.say('EVENT', 's1', one)
      stage.relay.last.say('EOSE', 's1')
      stage.relay.last.say('CLOSED', 's1', reason)
      await stage.clock.advance(1000)
      expect(stage.relay.last.said('REQ')).toHaveLength(5)
      expect(heard).toMatchObject({ events: [one], stored: 1, ended: [] })
    },
  )

  test('that was put off is asked for once on the next connection', async () => {
    collect(stage.link, [{ kinds: [1] }])
    await stage.accept()
    stage.relay.last.say('CLOSED', 's1', 'error: shutting down')
    await stage.comeBack()
    await stage.clock.advance(10_000)
    expect(stage.relay.last.said('REQ')).toHaveLength(1)
  })
})

describe('the link', () => {
  test('says how it is, and that it is ready on every connection', async () => {
    let ready = 0
    const { link, accept, comeBack, states } = linkStage({
      onReady: () => {
        ready += 1
      },
    })
    expect(link.isReady).toBe(false)
    await accept()
    expect([link.isReady, ready]).toEqual([true, 1])
    await comeBack()
    expect([link.isReady, ready]).toEqual([true, 2])
    expect(states.map(({ state }) => state)).toEqual(['connecting', 'connected', 'offline', 'connecting', 'connected'])
    link.close()
    expect(link.isReady).toBe(false)
  })

  test('asks a relay that is silent whether it still hears, and ends what it asked for that', async () => {
    await stage.accept()
    await stage.clock.advance(40_000)
    expect(stage.relay.last.said('REQ')).toEqual([['ping', { kinds: [kind.heartbeat], limit: 1 }]])
    stage.relay.last.say('EOSE', 'ping')
    expect(stage.relay.last.said('CLOSE')).toEqual([['ping']])
    await stage.clock.advance(39_999)
    expect([stage.relay.sockets.length, stage.relay.last.isOpen]).toEqual([1, true])
  })

  test('to a relay that has died without a word is made again, with everything that was asked', async () => {
    collect(stage.link, [{ kinds: [1] }])
    await stage.accept()
    await stage.clock.advance(50_800)
    await stage.accept()
    expect([stage.relay.sockets.length, stage.relay.last.said('REQ')]).toEqual([2, [['s1', { kinds: [1] }]]])
  })

  test('that is closed ends every subscription, and takes no new one', async () => {
    const { heard } = collect(stage.link, [{ kinds: [1] }])
    await stage.accept()
    stage.link.close()
    const ended = { code: 'unavailable', message: 'the link was closed' }
    expect([stage.relay.last.isOpen, heard.ended]).toEqual([false, [ended]])
    expect(collect(stage.link, [{ kinds: [1] }]).heard.ended).toEqual([ended])
    await stage.clock.advance(60_000)
    expect([stage.relay.sockets.length, stage.clock.waiting]).toEqual([1, 0])
  })

  test('is tried at once when somebody asks for it', async () => {
    stage.relay.last.cut()
    stage.link.retryNow()
    expect(stage.relay.sockets.length).toBe(2)
  })
})
