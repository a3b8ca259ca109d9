import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ManualClock, manualClock } from '#tests/support/clock'
import { type ScriptedRelay, scriptedRelay } from '#tests/support/scripted-relay'
import { type Dial, type LinkState, RelaySocket } from './relay-socket.ts'

const URL = 'wss://relay.example'
const START = 1_800_000_000

let clock: ManualClock
let relay: ScriptedRelay
let sockets: RelaySocket[]

beforeEach(() => {
  clock = manualClock(START)
  relay = scriptedRelay()
  sockets = []
})
afterEach(() => {
  for (const socket of sockets) socket.close()
})

type Options = { random?: number; dial?: Dial; onState?: (socket: RelaySocket, state: LinkState) => void }

function opened({ random = 0.5, dial = relay.dial, onState }: Options = {}) {
  const heard = { states: [] as LinkState[], frames: [] as string[], quiet: 0 }
  const socket = new RelaySocket(
    { url: URL, clock, dial, random: () => random },
    {
      onState: (state) => {
        heard.states.push(state)
        onState?.(socket, state)
      },
      onFrame: (text) => heard.frames.push(text),
      onQuiet: () => {
        heard.quiet += 1
      },
    },
  )
  sockets.push(socket)
  socket.open()
  return { socket, heard }
}

/** Milliseconds from now until somebody dials. */
async function nextDial(): Promise<number> {
  const [tried, begun] = [relay.sockets.length, clock.millis()]
  while (relay.sockets.length === tried) await clock.advance(1)
  return clock.millis() - begun
}

describe('the connection', () => {
  test('says how it is, and when it is tried again', async () => {
    const { heard } = opened()
    relay.last.accept()
    relay.last.cut()
    await clock.advance(800)
    expect(relay.urls).toEqual([URL, URL])
    expect(heard.states).toEqual([
      { state: 'connecting', before: false },
      { state: 'connected', before: true },
      { state: 'offline', before: true, tryAt: START + 1 },
      { state: 'connecting', before: true },
    ])
  })

  test('is tried again after pauses that grow from 0.8 to 15 seconds', async () => {
    opened()
    for (const pause of [800, 1440, 2592, 4666, 8398, 15_000, 15_000]) {
      relay.last.cut()
      expect(await nextDial()).toBe(pause)
    }
  })

  test.each([
    { says: 'brought something', frame: true, pause: 800 },
    { says: 'brought nothing', frame: false, pause: 2592 },
  ])('that $says is tried again after $pause milliseconds', async ({ frame, pause }) => {
    opened()
    for (let time = 0; time < 2; time += 1) {
      relay.last.cut()
      await nextDial()
    }
    relay.last.accept()
    if (frame) relay.last.say('NOTICE', 'hello')
    relay.last.cut()
    expect(await nextDial()).toBe(pause)
  })

  test.each([
    { random: 0, pause: 600 },
    { random: 0.25, pause: 700 },
    { random: 1, pause: 1000 },
  ])('comes back after $pause milliseconds where chance says $random, so that not all come at once', async (row) => {
    opened({ random: row.random })
    relay.last.cut()
    expect(await nextDial()).toBe(row.pause)
  })

  test('is tried at once when somebody asks for it, only once, and with short pauses again', async () => {
    const { socket } = opened()
    for (let time = 0; time < 5; time += 1) {
      relay.last.cut()
      await nextDial()
    }
    relay.last.cut()
    const tried = relay.sockets.length
    socket.retryNow()
    socket.retryNow()
    expect(relay.sockets.length).toBe(tried + 1)
    relay.last.accept()
    await clock.advance(30_000)
    expect([relay.sockets.length, relay.last.isOpen]).toEqual([tried + 1, true])
    relay.last.cut()
    expect(await nextDial()).toBe(800)
  })

  test('is not disturbed by asking while it is there', async () => {
    const { socket } = opened()
    relay.last.accept()
    socket.retryNow()
    await clock.advance(1000)
    expect([relay.sockets.length, relay.last.isOpen]).toEqual([1, true])
  })

  test('is given up when it takes longer than ten seconds, and tried again', async () => {
    opened()
    const [first] = relay.sockets
    await clock.advance(9999)
    expect(relay.sockets.length).toBe(1)
    expect(await nextDial()).toBe(801)
    first?.accept()
    relay.last.accept()
    await clock.advance(30_000)
    expect(relay.sockets.length).toBe(2)
  })

  test('to an address that cannot be dialled is one that is away', async () => {
    let tries = 0
    const dial: Dial = (url) => {
      tries += 1
      if (tries < 3) throw new SyntaxError('not from a secure page')
      return relay.dial(url)
    }
    const { heard } = opened({ dial })
    await clock.advance(0)
    expect(heard.states).toEqual([{ state: 'offline', before: false, tryAt: START + 1 }])
    expect(await nextDial()).toBe(800 + 1440)
  })
})

describe('a connection over which nothing comes', () => {
  test('is asked after 40 seconds, and stays when it answers', async () => {
    const { heard } = opened()
    relay.last.accept()
    await clock.advance(39_999)
    expect(heard.quiet).toBe(0)
    await clock.advance(1)
    expect(heard.quiet).toBe(1)
    relay.last.say('EOSE', 'ping')
    await clock.advance(20_000)
    expect([relay.sockets.length, heard.quiet]).toEqual([1, 1])
  })

  test('is given up when it does not answer within ten seconds', async () => {
    const { heard } = opened()
    relay.last.accept()
    const [first] = relay.sockets
    await clock.advance(49_999)
    expect(heard.states.at(-1)?.state).toBe('connected')
    await clock.advance(1)
    expect([heard.states.at(-1)?.state, first?.isOpen]).toEqual(['offline', false])
    expect(await nextDial()).toBe(800)
  })
})

describe('a frame', () => {
  test('is sent on the connection that stands, and is lost without one', async () => {
    const { socket } = opened()
    socket.send('["one"]')
    relay.last.accept()
    socket.send('["two"]')
    expect(relay.last.sent).toEqual([['two']])
    relay.last.cut()
    socket.send('["three"]')
    await nextDial()
    socket.send('["four"]')
    relay.last.accept()
    expect(relay.last.sent).toEqual([])
  })

  test('that an old connection still brings is not heard', async () => {
    const { heard } = opened()
    const [first] = relay.sockets
    await clock.advance(10_800)
    relay.last.accept()
    first?.say('old')
    relay.last.say('new')
    relay.last.raw(new Uint8Array([1]))
    expect(heard.frames).toEqual(['["new"]'])
  })
})

describe('what is to happen later', () => {
  test('happens once, while the connection stands', async () => {
    const { socket } = opened()
    relay.last.accept()
    const done: number[] = []
    socket.later(1000, () => done.push(clock.millis()))
    await clock.advance(5000)
    expect(done).toEqual([1000])
  })

  test('does not happen on another connection', async () => {
    const { socket } = opened()
    relay.last.accept()
    let done = 0
    socket.later(1000, () => {
      done += 1
    })
    relay.last.cut()
    await clock.advance(900)
    relay.last.accept()
    await clock.advance(5000)
    expect(done).toBe(0)
  })
})

describe('closing', () => {
  test.each([
    { says: 'while it is there', before: () => relay.last.accept() },
    { says: 'while it is being made', before: () => undefined },
    { says: 'during a pause', before: () => relay.last.cut() },
  ])('ends it for good $says, and leaves nothing to be done', async ({ before }) => {
    const { socket, heard } = opened()
    before()
    const told = heard.states.length
    socket.close()
    expect(clock.waiting).toBe(0)
    socket.retryNow()
    socket.open()
    await clock.advance(60_000)
    expect([relay.sockets.length, relay.last.isOpen, heard.states.length]).toEqual([1, false, told])
  })

  test.each(['connecting', 'connected', 'offline'])('is possible for whoever is told that it is %s', async (state) => {
    opened({ onState: (socket, told) => told.state === state && socket.close() })
    if (state !== 'connecting') relay.last.accept()
    if (state === 'offline') relay.last.cut()
    await clock.advance(60_000)
    expect([relay.sockets.length, relay.last.isOpen, clock.waiting]).toEqual([1, false, 0])
  })
})
