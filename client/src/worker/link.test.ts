import { expect, test } from 'vitest'
import type { LinkView } from '../model.ts'
import { Link } from './link.ts'
import { ManualClock, settle } from './testing/clock.ts'
import { fakeRelay } from './testing/relay.ts'

function stage() {
  const clock = new ManualClock()
  const relay = fakeRelay()
  const states: LinkView[] = []
  const quiet: number[] = []
  const link = new Link(
    { url: 'ws://relay', clock, dial: relay.dial, random: () => 0.5 },
    { opened: () => undefined, frame: () => undefined, state: (view) => states.push(view), quiet: () => quiet.push(1) },
  )
  void link.run()
  return { clock, relay, states, quiet, link }
}

test('the pause between tries grows from 0.8 to 15 seconds, and says when the next try is', async () => {
  const { clock, relay, states } = stage()
  const pauses: number[] = []
  for (let round = 0; round < 8; round += 1) {
    relay.cut()
    await settle()
    const before = clock.millis()
    const dials = relay.dials()
    while (relay.dials() === dials) await clock.advance(100)
    pauses.push(clock.millis() - before)
  }
  expect(pauses[0]).toBe(800)
  expect(pauses.at(-1)).toBe(15_000)
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
  const offline = states.findLast(({ state }) => state === 'offline')
  expect(offline?.tryAt).toBeGreaterThanOrEqual(clock.now() - 1)
})

test('Retry now does not wait, and a connection that worked begins with a short pause again', async () => {
  const { clock, relay, link, states } = stage()
  for (let round = 0; round < 5; round += 1) {
    relay.cut()
    await clock.advance(15_000)
  }
  relay.cut()
  await settle()
  const dials = relay.dials()
  link.retryNow()
  await settle()
  expect(relay.dials()).toBe(dials + 1)
  relay.open()
  relay.say('NOTICE', 'hello')
  relay.cut()
  await settle()
  await clock.advance(800)
  expect(relay.dials()).toBe(dials + 2)
  expect(states.at(-1)).toEqual({ state: 'connecting', before: true })
})

test('a connection over which nothing comes is asked, and given up when it does not answer', async () => {
  const { clock, relay, quiet } = stage()
  relay.open()
  await clock.advance(40_000)
  expect(quiet).toHaveLength(1)
  relay.say('EOSE', 'ping')
  await clock.advance(20_000)
  expect(relay.dials()).toBe(1)
  await clock.advance(60_000)
  expect(relay.dials()).toBeGreaterThan(1)
})

test('a dial that never opens is given up after ten seconds', async () => {
  const { clock, relay } = stage()
  await clock.advance(11_000)
  expect(relay.dials()).toBe(2)
})
