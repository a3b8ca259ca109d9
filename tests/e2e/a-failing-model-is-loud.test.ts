import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { type Requester, requester } from '#tests/support/requester'
import { type System, startSystem } from '#tests/support/system'
import { until } from '#tests/support/wait'
import {
  cutting,
  events,
  refusal,
  type Script,
  samples,
  scriptedUpstream,
  silence,
} from '../../gateway-broker/models/fixtures/scripted-upstream.ts'

const KEY = `canary-${crypto.randomUUID()}`
const { begin, words, finish, nothing } = samples.chat
const noBytes: Script = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end()
const good = events([...begin, ...words, ...finish])

let upstream: Awaited<ReturnType<typeof scriptedUpstream>>
let system: System
let owner: Requester
let instance: string

beforeAll(async () => {
  upstream = await scriptedUpstream(refusal(401, 'invalid_api_key'))
  system = await startSystem({
    MODEL_PROVIDER: 'compatible',
    MODEL_BASE_URL: upstream.baseUrl,
    MODEL_API_KEY: KEY,
    MODEL: 'stub-1',
    MODEL_FIRST_BYTE_SECONDS: '3',
    MODEL_STALL_SECONDS: '3',
  })
  owner = requester(system)
})
afterAll(async () => {
  owner.close()
  await system.stop()
  await upstream.stop()
})

describe('a model that fails', () => {
  test('lets no gateway become ready: the job says why, and everything is freed', async () => {
    const job = await owner.ask(instanceProvision, {})
    const state = await job.end()
    expect(state).toMatchObject({ stage: 'failed', failure: { code: 'model-auth', retry: true } })
    const [shown] = await until('its state', () => owner.instances.size > 0 && [...owner.instances.values()])
    await until('it is shown as failed', () => owner.instances.get(shown?.id ?? '')?.state === 'failed')
    expect(owner.instances.get(shown?.id ?? '')?.reason).toContain('model-auth')
    expect(system.processes().filter((args) => args.includes('openclaw'))).toEqual([])
  })

  test('once it answers, provisioning again works without a restart', async () => {
    upstream.play(good)
    instance = await owner.provision()
    expect((await (await owner.say(instance, 'hello')).end()).output).toMatchObject({
      text: 'one two three',
      model: 'stub-1',
    })
  })

  test.each([
    { says: 'a refused key', script: refusal(401, 'invalid_api_key'), code: 'model-auth', text: '' },
    { says: 'too many requests', script: refusal(429, 'rate_limit_exceeded'), code: 'model-rate', text: '' },
    { says: '200 with no bytes', script: noBytes, code: 'model-empty', text: '' },
    {
      says: '200 with an empty answer',
      script: events([...begin, ...nothing, ...finish]),
      code: 'model-empty',
      text: '',
    },
    { says: 'silence from the start', script: () => undefined, code: 'model-timeout', text: '' },
    {
      says: 'silence in the middle',
      script: events([...begin, ...words], silence),
      code: 'model-timeout',
      text: 'one two three',
    },
    {
      says: 'a cut in the middle',
      script: events([...begin, ...words], cutting),
      code: 'model-error',
      text: 'one two three',
    },
    { says: 'a server error', script: refusal(500, 'server_error'), code: 'model-error', text: '' },
  ])('ends a chat with $code on $says, keeps the text, and the next turn works', async ({ script, code, text }) => {
    upstream.play(script)
    const job = await owner.say(instance, `what about this: ${code}`)
    const state = await job.end(30_000)
    expect(state).toMatchObject({ stage: 'failed', failure: { code, retry: true } })
    expect(state.text.trim()).toBe(text)
    expect(job.answers.filter(({ type }) => type === 'failure' || type === 'result')).toHaveLength(1)
    upstream.play(good)
    expect((await (await owner.say(instance, 'and now')).end(30_000)).output).toMatchObject({ text: 'one two three' })
  })

  test('never shows the provider’s key to a gateway, the relay, a log or a process list', async () => {
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`)
    const { status, stdout } = spawnSync('grep', ['-rlF', KEY, system.data], { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(system.processes().join('\n')).not.toContain(KEY)
    expect(system.screen()).not.toContain(KEY)
  })
})
