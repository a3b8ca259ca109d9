import { describe, expect, test } from 'vitest'
import { createPost, Outbox, PAUSE } from './outbox.ts'
import { testClock } from './testing/clock.ts'

const MOST = 4 * PAUSE

/** An outbox whose client takes what the test lets it take, and whose tick ends when the test says so. */
function openOutbox() {
  const clock = testClock()
  let tick = () => undefined as unknown
  const post = createPost({
    clock,
    maxPending: () => MOST,
    defer: (task) => {
      tick = task
    },
  })
  const [writes, cuts]: [string[][], string[]] = [[], []]
  const wire = { waiting: 0, isOpen: true }
  const socket = {
    send(messages: readonly string[]) {
      writes.push([...messages])
      wire.waiting += messages.join('').length
    },
    waiting: () => wire.waiting,
    pause: () => undefined,
    resume: () => undefined,
    destroy: () => {
      wire.isOpen = false
    },
  }
  const outbox = new Outbox(socket, post, (why) => cuts.push(why))
  return {
    outbox,
    clock,
    writes,
    cuts,
    wire,
    endTick: () => tick(),
    take(bytes: number) {
      wire.waiting = Math.max(0, wire.waiting - bytes)
      outbox.drained()
    },
  }
}

const flood = (outbox: Outbox, bytes: number) => {
  for (let sent = 0; sent < bytes; sent += 50_000) outbox.send('x'.repeat(50_000))
}

describe('an outbox', () => {
  test('sends what one tick has for a client in one write, in its order', () => {
    const { outbox, writes, endTick } = openOutbox()
    for (const message of ['a', 'b', 'c']) outbox.send(message)
    expect(writes).toEqual([])
    endTick()
    expect(writes).toEqual([['a', 'b', 'c']])
    outbox.send('d')
    endTick()
    expect(writes).toEqual([['a', 'b', 'c'], ['d']])
  })

  test('takes turns with the network when very many have something to say', () => {
    const ticks: (() => void)[] = []
    const post = createPost({ clock: testClock(), maxPending: () => MOST, defer: (task) => ticks.push(task) })
    const told = new Set<number>()
    for (let at = 0; at < 1200; at++) {
      const socket = { send: () => void told.add(at), waiting: () => 0, pause() {}, resume() {}, destroy() {} }
      new Outbox(socket, post, () => undefined).send('news')
    }
    const rounds: number[] = []
    for (let tick = ticks.shift(); tick; tick = ticks.shift()) {
      tick()
      rounds.push(told.size)
    }
    expect(rounds).toEqual([500, 1000, 1200])
  })

  test('does not gather more than a little', () => {
    const { outbox, writes } = openOutbox()
    flood(outbox, 200_000)
    expect(writes.length).toBeGreaterThan(1)
  })

  test('lets stored answers wait until the client has taken most of what was sent', async () => {
    const { outbox, take } = openOutbox()
    outbox.send('a little')
    await outbox.room()
    flood(outbox, 2 * PAUSE)
    let hasRoom = false
    const room = outbox.room().then(() => {
      hasRoom = true
    })
    take(PAUSE / 2)
    await Promise.resolve()
    expect(hasRoom).toBe(false)
    take(PAUSE)
    await room
  })

  test('lets nobody wait for a client that is gone', async () => {
    const { outbox } = openOutbox()
    flood(outbox, 2 * PAUSE)
    const room = outbox.room()
    outbox.end()
    await room
    await outbox.room()
  })

  test('sends nothing any more when it has ended', () => {
    const { outbox, writes, endTick } = openOutbox()
    outbox.send('gathered')
    outbox.end()
    outbox.send('late')
    endTick()
    expect(writes).toEqual([])
  })
})

describe('a client that is behind', () => {
  test('is cut off when it reads nothing for five seconds', () => {
    const { outbox, clock, cuts, wire } = openOutbox()
    flood(outbox, MOST + 100_000)
    clock.advance(4)
    expect(cuts).toEqual([])
    clock.advance(1)
    expect(cuts).toEqual(['the client does not read what it asked for'])
    expect(wire.isOpen).toBe(false)
  })

  test('has five seconds more whenever it reads something', () => {
    const { outbox, clock, cuts, take } = openOutbox()
    flood(outbox, MOST + 1_000_000)
    for (let seconds = 0; seconds < 40; seconds += 4) {
      clock.advance(4)
      take(1000)
    }
    expect(cuts).toEqual([])
    clock.advance(5)
    expect(cuts).toHaveLength(1)
  })

  test('is left alone once it has caught up', () => {
    const { outbox, clock, cuts, take } = openOutbox()
    flood(outbox, MOST + 100_000)
    take(MOST)
    clock.advance(60)
    expect(cuts).toEqual([])
  })

  test('is cut off at once at twice the limit, and once only', () => {
    const { outbox, cuts } = openOutbox()
    flood(outbox, 3 * MOST)
    expect(cuts).toHaveLength(1)
  })
})
