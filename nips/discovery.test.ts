import { describe, expect, test } from 'vitest'
import { type Discovery, discoveryJobs, discoveryShape } from './discovery.ts'
import { MAX_CHAT_TEXT } from './jobs/chat.ts'
import { callableJobs } from './jobs/index.ts'

const key = '0123456789abcdef'.repeat(4)
const document: Discovery = {
  name: 'OpenAgents',
  version: '0.1.0',
  relay: 'wss://relay.example',
  service: key,
  operator: key,
  relayKey: key,
  skill: 'https://x.example/SKILL.md',
  jobs: discoveryJobs(),
  limits: {
    maxChatText: MAX_CHAT_TEXT,
    instancesPerOwner: 1,
    requestWindow: 600,
  },
}

describe('the discovery document', () => {
  test('fits its own shape and survives JSON', () => {
    expect(discoveryShape.parse(JSON.parse(JSON.stringify(document)))).toEqual(document)
  })

  test('lists the jobs that anybody may ask for, with the kinds they are answered on', () => {
    expect(document.jobs.map(({ name, kind, result, stream }) => [name, kind, result, stream])).toEqual(
      callableJobs.map(({ name, kind }) => [name, kind, kind + 1000, kind + 20_000]),
    )
  })

  test.each(callableJobs.map((job) => ({ name: job.name, job })))('tells what $name asks of a caller', ({ job }) => {
    const row = document.jobs.find(({ name }) => name === job.name)
    expect(row).toMatchObject({ summary: job.summary, consent: job.consent, encryption: job.encryption })
  })

  test('leaves the limits of the relay to the relay', () => {
    expect(Object.keys(discoveryShape.shape.limits.shape)).toEqual([
      'maxChatText',
      'instancesPerOwner',
      'requestWindow',
    ])
  })

  test.each([
    { says: 'an upper-case key', change: { service: 'A'.repeat(64) } },
    { says: 'an npub', change: { operator: 'npub1xyz' } },
    { says: 'no relay', change: { relay: undefined } },
    { says: 'half a limit', change: { limits: { ...document.limits, maxChatText: 0.5 } } },
    { says: 'no limits', change: { limits: {} } },
    { says: 'a job without its stream', change: { jobs: document.jobs.map((job) => ({ ...job, stream: undefined })) } },
  ])('with $says is refused', ({ change }) => {
    expect(discoveryShape.safeParse({ ...document, ...change }).success).toBe(false)
  })
})
