import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { type ManualClock, manualClock } from '#tests/support/clock'
import { refusalOf } from '#tests/support/refusal'
import { type ScriptedRelay, scriptedRelay } from '#tests/support/scripted-relay'
import type { SignedEvent } from './event.ts'
import { type LinkState, RelayLink } from './relay-link.ts'

const URL = 'wss://relay.example'
const alice = author()
const [one, two] = [alice.sign({ content: 'one' }), alice.sign({ content: 'two' })]

let clock: ManualClock
let relay: ScriptedRelay
let states: [LinkState, number][]
let link: RelayLink

beforeEach(() => {
  clock = manualClock()
  relay = scriptedRelay()
  states = []
  link = new RelayLink({ url: URL, open: relay.open, clock, onState: (...state) => void states.push(state) })
})
afterEach(() => link.close())

/** Takes the connection that is being tried, and lets the link say what it has to say. */
async function accept(): Promise<void> {
  relay.last.accept()
  await clock.advance(0)
}

/** Cuts the connection, and waits until the next one is tried and taken. */
async function comeBack(): Promise<void> {
  relay.last.cut()
  await clock.advance(15_000)
  await accept()
}

function collect(wanted: Parameters<RelayLink['subscribe']>[0]) {
  const heard = { events: [] as SignedEvent[], eose: 0, closed: [] as string[] }
  const stop = link.subscribe(wanted, {
    onEvent: (event) => void heard.events.push(event),
    onEose: () => {
      heard.eose += 1
    },
    onClosed: (reason) => void heard.closed.push(reason),
  })
  return { heard, stop }
}

describe('a subscription', () => {
  test('made before there is a connection is asked for as soon as there is one', async () => {
    collect([{ kinds: [1] }, { '#p': ['x'] }])
    await accept()
    expect(relay.urls).toEqual([URL])
    expect(relay.last.sent).toEqual([['REQ', 's1', { kinds: [1] }, { '#p': ['x'] }]])
  })

  test('made on a connection is asked for at once, under a name of its own', async () => {
    await accept()
    collect([{ kinds: [1] }])
    collect([{ kinds: [1] }])
    expect(relay.last.said('REQ').map(([id]) => id)).toEqual(['s1', 's2'])
  })

  test('is asked for again after a cut, as it was, so that nothing is lost', async () => {
    const { heard } = collect([{ kinds: [1], since: 5 }])
    await accept()
    relay.last.say('EVENT', 's1', one)
    await comeBack()
    expect(relay.last.said('REQ')).toEqual([['s1', { kinds: [1], since: 5 }]])
    relay.last.say('EVENT', 's1', two)
    relay.last.say('EOSE', 's1')
    expect(heard).toMatchObject({ events: [one, two], eose: 1 })
  })

  test('whose filters move with the clock is asked for anew each time', async () => {
    let since = 10
    const { heard } = collect(() => [{ kinds: [1], since }])
    await accept()
    since = one.created_at + 1
    await comeBack()
    expect(relay.sockets.map((socket) => socket.said('REQ')[0]?.[1])).toEqual([
      { kinds: [1], since: 10 },
      { kinds: [1], since },
    ])
    relay.last.say('EVENT', 's1', one)
    expect(heard.events).toEqual([])
  })

  test('that has ended is closed, and neither heard nor asked for again', async () => {
    const { heard, stop } = collect([{ kinds: [1] }])
    await accept()
    stop()
    stop()
    relay.last.say('EVENT', 's1', one)
    relay.last.say('EOSE', 's1')
    expect(relay.last.said('CLOSE')).toEqual([['s1']])
    await comeBack()
    expect([relay.last.sent, heard]).toEqual([[], { events: [], eose: 0, closed: [] }])
  })

  test('that the relay refuses for good ends with its words', async () => {
    const { heard } = collect([{ kinds: [1] }])
    await accept()
    relay.last.say('CLOSED', 's1', 'restricted: not you')
    expect(heard.closed).toEqual(['restricted: not you'])
    await comeBack()
    expect(relay.last.sent).toEqual([])
  })
})

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
    const { heard } = collect([{ kinds: [1], authors: [alice.pubkey] }])
    await accept()
    relay.last.say(...said)
    await clock.advance(0)
    expect(heard.events.length > 0).toBe(expected)
  })

  test.each(['', '{', 'null', '5', '{"EVENT":1}', new Uint8Array([1, 2])])(
    'the frame %j is passed over',
    async (frame) => {
      const { heard } = collect([{}])
      await accept()
      relay.last.raw(frame)
      relay.last.say('EVENT', 's1', one)
      expect(heard.events).toEqual([one])
    },
  )
})

describe('a query', () => {
  test('ends with everything stored, each once', async () => {
    await accept()
    const found = link.query([{ kinds: [1] }])
    for (const event of [one, two, one]) relay.last.say('EVENT', 's1', event)
    relay.last.say('EOSE', 's1')
    expect(await found).toEqual([one, two])
    expect(relay.last.said('CLOSE')).toEqual([['s1']])
  })

  test('that was cut in the middle is asked again and loses nothing', async () => {
    const found = link.query([{ kinds: [1] }])
    await accept()
    relay.last.say('EVENT', 's1', one)
    await comeBack()
    relay.last.say('EVENT', 's1', two)
    relay.last.say('EOSE', 's1')
    expect(await found).toEqual([one, two])
  })

  test('that the relay refuses rejects with its words', async () => {
    await accept()
    const found = refusalOf(() => link.query([{ kinds: [1] }]))
    relay.last.say('CLOSED', 's1', 'error: too busy')
    const message = 'the relay refused the query: error: too busy'
    expect(await found).toEqual({ code: 'unavailable', message })
  })

  test.each([
    { says: 'is under way', before: false },
    { says: 'was made later', before: true },
  ])('rejects when the link is closed while it $says', async ({ before }) => {
    await accept()
    if (before) link.close()
    const found = refusalOf(() => link.query([{ kinds: [1] }]))
    if (!before) link.close()
    expect(await found).toEqual({ code: 'unavailable', message: 'error: the link was closed' })
  })
})

describe('the connection', () => {
  const waits = () => states.filter(([state]) => state === 'offline').map(([, wait]) => wait)

  test('says how it is', async () => {
    await accept()
    relay.last.cut()
    await clock.advance(400)
    expect(states).toEqual([
      ['connecting', 0],
      ['connected', 0],
      ['offline', 400],
      ['connecting', 0],
    ])
  })

  test('is tried again after pauses that grow to 15 seconds, and start over once it was there', async () => {
    for (const wait of [400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]) {
      const tried = relay.sockets.length
      relay.last.cut()
      await clock.advance(wait - 1)
      expect(relay.sockets.length).toBe(tried)
      await clock.advance(1)
      expect(relay.sockets.length).toBe(tried + 1)
    }
    expect(waits()).toEqual([400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
    await accept()
    relay.last.cut()
    await clock.advance(0)
    expect(waits().at(-1)).toBe(400)
  })

  test('is tried at once when somebody asks for it, and only once', async () => {
    relay.last.cut()
    await clock.advance(0)
    link.retryNow()
    link.retryNow()
    await clock.advance(0)
    expect(relay.sockets.length).toBe(2)
    await accept()
    await clock.advance(60_000)
    expect([relay.sockets.length, relay.last.isOpen]).toEqual([2, true])
  })

  test('is not disturbed by asking while it is there', async () => {
    await accept()
    link.retryNow()
    await clock.advance(1000)
    expect(relay.sockets.length).toBe(1)
  })

  test.each([
    { says: 'while it is there', before: () => accept() },
    { says: 'while it is being made', before: async () => undefined },
    {
      says: 'during a pause',
      before: async () => {
        relay.last.cut()
        await clock.advance(10)
      },
    },
  ])('ends for good when it is closed $says', async ({ before }) => {
    await before()
    const tried = relay.sockets.length
    link.close()
    await clock.advance(60_000)
    expect([relay.sockets.length, relay.last.isOpen]).toEqual([tried, false])
  })
})
