import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { callableJobs } from './jobs/index.ts'
import {
  announcedKinds,
  decodeDeployment,
  decodeHeartbeat,
  encodeAnnouncement,
  encodeDeployment,
  encodeHeartbeat,
  HEARTBEAT,
  type Health,
  keysOf,
  openDeployment,
  type Role,
} from './service.ts'

const operator = author()
const service = author()

const health: Health = {
  openclaw: { version: '2026.9.6', state: 'installing', progress: 0.5 },
  model: { name: 'offline', label: 'Offline model', offline: true },
  driver: { name: 'bwrap', guarantees: ['no network'], gaps: [], isolates: true },
}

describe('a heartbeat', () => {
  test('arrives as it was written', () => {
    expect(decodeHeartbeat(service.sign(encodeHeartbeat(health, NOW)))).toEqual(health)
  })

  test.each([
    { says: 'what OpenClaw does', of: health, status: 'installing' },
    { says: 'down in trouble', of: { ...health, trouble: 'no broker' }, status: 'down' },
  ])('is called $says, and ends after two more are due', ({ of, status }) => {
    const { kind, tags } = encodeHeartbeat(of, NOW)
    expect(kind).toBe(11_998)
    expect(tags).toEqual([
      ['d', 'openagents'],
      ['status', status],
      ['expiration', String(NOW + 2 * HEARTBEAT)],
    ])
  })

  test.each([
    { says: 'no JSON', content: 'alive' },
    {
      says: 'progress beyond its end',
      content: JSON.stringify({ ...health, openclaw: { ...health.openclaw, progress: 2 } }),
    },
    {
      says: 'a state nobody knows',
      content: JSON.stringify({ ...health, openclaw: { ...health.openclaw, state: 'x' } }),
    },
    { says: 'no driver', content: JSON.stringify({ ...health, driver: undefined }) },
  ])('with $says is refused', async ({ content }) => {
    const event = service.sign({ ...encodeHeartbeat(health, NOW), content })
    expect(await refusalOf(() => decodeHeartbeat(event))).toEqual({ code: 'invalid', message: 'not a heartbeat' })
  })
})

describe('an announcement (NIP-89)', () => {
  const announced = {
    name: 'OpenAgents',
    about: 'x',
    relay: 'wss://relay.example',
    skill: 'https://x.example/SKILL.md',
  }
  const event = service.sign(encodeAnnouncement(announced, NOW))

  test('lists every job that anybody may ask for, and no other', () => {
    expect(event.kind).toBe(31_990)
    expect(announcedKinds(event)).toEqual(callableJobs.map(({ kind }) => kind))
    expect(announcedKinds(event)).not.toContain(5783)
  })

  test('says where the relay and the manual are', () => {
    expect(JSON.parse(event.content)).toMatchObject({ ...announced, encryptionSupported: true })
    expect(event.tags).toContainEqual(['relay', announced.relay])
  })
})

describe('the list of service keys', () => {
  const keys = new Map<string, Role>([
    ['a'.repeat(64), 'relay'],
    ['b'.repeat(64), 'broker'],
    ['c'.repeat(64), 'service'],
    ['d'.repeat(64), 'service'],
  ])
  const signed = operator.sign(encodeDeployment(keys, NOW))
  const list = JSON.stringify(signed)

  test.each([
    { says: 'its operator', whose: operator.pubkey },
    { says: 'anybody', whose: '' },
  ])('is opened for $says', ({ whose }) => {
    expect(openDeployment(list, whose)).toEqual({ operator: operator.pubkey, keys })
  })

  test('gives the keys of a role', () => {
    const deployment = openDeployment(list, '')
    expect(keysOf(deployment, 'service')).toEqual(['c'.repeat(64), 'd'.repeat(64)])
    expect(keysOf(deployment, 'operator')).toEqual([])
  })

  test('of another operator is refused', async () => {
    const theirs = JSON.stringify(service.sign(encodeDeployment(keys, NOW)))
    const refusal = await refusalOf(() => openDeployment(theirs, operator.pubkey))
    expect(refusal).toEqual({ code: 'unauthorized', message: 'the deployment is not signed by the operator' })
  })

  test.each([
    { says: 'is no JSON', text: 'keys' },
    { says: 'is empty', text: '' },
    { says: 'was edited', text: list.replace('a'.repeat(64), 'e'.repeat(64)) },
    { says: 'names another author than signed it', text: list.replace(operator.pubkey, service.pubkey) },
    { says: 'is another kind', text: JSON.stringify(operator.sign({ tags: signed.tags })) },
    {
      says: 'is for another application',
      text: JSON.stringify(operator.sign({ kind: 30_078, tags: [['d', 'other']] })),
    },
    { says: 'has no name', text: JSON.stringify(operator.sign({ kind: 30_078 })) },
  ])('that $says is refused', async ({ text }) => {
    expect(await refusalOf(() => openDeployment(text, operator.pubkey))).toMatchObject({ code: 'invalid' })
  })

  test.each([
    { says: 'a role nobody knows', extra: ['p', 'f'.repeat(64), '', 'admin'] },
    { says: 'no role', extra: ['p', 'f'.repeat(64)] },
    { says: 'a role of every object', extra: ['p', 'f'.repeat(64), '', 'constructor'] },
    { says: 'a role in another tag', extra: ['e', 'f'.repeat(64), '', 'service'] },
    { says: 'no key', extra: ['p'] },
  ])('gives nothing to $says', ({ extra }) => {
    const { tags, ...rest } = encodeDeployment(keys, NOW)
    expect(decodeDeployment(operator.sign({ ...rest, tags: [...tags, extra] })).keys).toEqual(keys)
  })
})
