import { expect, test } from 'vitest'
import { type Discovery, discoveryJobs } from '#nips/discovery'
import { encodeHeartbeat, type Health } from '#nips/service'
import type { ServiceView } from '../model.ts'
import { Pulse, SILENCE } from './pulse.ts'
import { ManualClock } from './testing/clock.ts'
import { person } from './testing/person.ts'

const service = person()
const health: Health = {
  openclaw: { version: '1', state: 'ready', progress: 1 },
  model: { name: 'offline', label: 'Offline model', offline: true },
  driver: { name: 'bwrap', guarantees: [], gaps: [], isolates: true },
}
const discovery: Discovery = {
  name: 'x',
  version: '1',
  relay: 'ws://relay',
  service: service.pubkey,
  operator: service.pubkey,
  relayKey: service.pubkey,
  skill: '/SKILL.md',
  jobs: discoveryJobs(),
  limits: {
    maxChatText: 1,
    instancesPerOwner: 1,
    requestWindow: 1,
  },
}

test('the service is alive while it beats, silent only while there is a link, and unknown before', async () => {
  const clock = new ManualClock()
  const shown: ServiceView[] = []
  const pulse = new Pulse(discovery, clock, (view) => shown.push(view))
  const state = () => {
    pulse.look()
    return shown.at(-1)?.state
  }
  expect(state()).toBe('unknown')
  pulse.linked(true)
  expect(state()).toBe('unknown')
  await clock.advance(6000)
  expect(state()).toBe('silent')
  pulse.take(service.sign(encodeHeartbeat(health, clock.now())))
  expect(shown.at(-1)).toMatchObject({ state: 'alive', health })
  await clock.advance((SILENCE + 1) * 1000)
  expect(state()).toBe('silent')
  pulse.linked(false)
  expect(state()).toBe('unknown')
})
