import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chat } from '#nips/jobs/chat'
import { instanceDelete } from '#nips/jobs/instance-delete'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { instanceStatus } from '#nips/jobs/instance-status'
import { type Asked, type Requester, requester } from '#tests/support/requester'
import { type System, startSystem } from '#tests/support/system'
import { until } from '#tests/support/wait'

let system: System
let owner: Requester
let instance: string

const isGateway = (args: string) => args.includes('openclaw.mjs') || args === 'openclaw-gateway'
const gateways = () => system.processes().filter(isGateway)
const ready = () => until('the gateway is ready', () => owner.instances.get(instance)?.state === 'ready', 90_000)
const terminal = (job: Asked) => job.answers.filter(({ type }) => type === 'failure' || type === 'result')

/** A long answer, of which some has been seen. */
async function midway(): Promise<Asked> {
  const job = await owner.say(instance, 'count to 300')
  await until('some text', () => job.state().text.length > 40, 30_000)
  return job
}

beforeAll(async () => {
  system = await startSystem()
  owner = requester(system)
})
afterAll(async () => {
  owner.close()
  await system.stop()
})

describe('one gateway through everything that can happen', () => {
  test('comes once when two tabs ask for it at the same moment', async () => {
    const idem = crypto.randomUUID()
    const tabs = await Promise.all([
      owner.ask(instanceProvision, {}, { idem }),
      owner.ask(instanceProvision, {}, { idem, encrypted: false }),
    ])
    const outputs = await Promise.all(tabs.map(async (tab) => (await tab.end(150_000)).output?.instance))
    expect(outputs[0]).toMatch(/^[0-9a-f]{16}$/)
    expect(outputs[1]).toBe(outputs[0])
    expect(readdirSync(join(system.data, 'instances'))).toEqual([outputs[0]])
    instance = String(outputs[0])
    await ready()
  })

  test('remembers in the second turn what the first said', async () => {
    await (await owner.say(instance, 'My name is Ferry.')).end()
    expect((await (await owner.say(instance, 'What is my name?')).end()).output?.text).toContain('Ferry')
  })

  test('is not to be seen or used by anybody else', async () => {
    const stranger = requester(system)
    for (const [job, input] of [
      [instanceStatus, { instance }],
      [chat, { instance, text: 'hello' }],
      [instanceDelete, { instance }],
    ] as const) {
      expect((await (await stranger.ask(job, input)).end()).failure).toMatchObject({ code: 'not-found' })
    }
    expect(stranger.instances.size).toBe(0)
    stranger.close()
  })

  test('stops an answer in the gateway itself, and the text so far is kept', async () => {
    const job = await midway()
    const { abort } = await import('#nips/jobs/abort')
    const stop = await owner.ask(abort, { job: job.request.id })
    expect((await stop.end()).output).toEqual({ job: job.request.id, aborted: true })
    const state = await job.end()
    expect(state).toMatchObject({ failure: { code: 'cancelled' } })
    expect(state.text).toMatch(/^1\b/)
    expect(state.text).not.toContain('300')
    expect(terminal(job)).toHaveLength(1)
  })

  test('ends a chat once, complete, when the worker is killed in the middle', async () => {
    const job = await midway()
    const before = job.state().text
    system.kill('worker')
    const state = await job.end()
    expect(state.output?.text).toContain('299')
    expect(String(state.output?.text).startsWith(before.slice(0, 30))).toBe(true)
    expect(terminal(job)).toHaveLength(1)
  })

  test('goes on when the relay is killed in the middle', async () => {
    const job = await midway()
    system.kill('relay')
    expect((await job.end()).output?.text).toContain('299')
    expect(terminal(job)).toHaveLength(1)
  })

  test('says interrupted and keeps the text when the gateway dies in the middle; retry works', async () => {
    const job = await midway()
    execFileSync('pkill', ['-9', '-f', instanceMark()])
    const state = await job.end()
    expect(state).toMatchObject({ failure: { code: 'interrupted', retry: true } })
    expect(state.text.length).toBeGreaterThan(40)
    expect((await (await owner.say(instance, 'What is my name?')).end(90_000)).output?.text).toContain('Ferry')
  })

  test('says interrupted when the broker is killed in the middle, leaves no orphan, and comes back by itself', async () => {
    const job = await midway()
    const old = gatewayPids()
    system.kill('broker')
    const state = await job.end()
    expect(state).toMatchObject({ failure: { code: 'interrupted', retry: true } })
    expect(state.text.length).toBeGreaterThan(40)
    expect(terminal(job)).toHaveLength(1)
    await until('the old gateway is gone', () => gatewayPids().every((pid) => !old.includes(pid)))
    expect((await (await owner.say(instance, 'What is my name?')).end(90_000)).output?.text).toContain('Ferry')
  })

  test('leaves nothing when it is deleted, and deleting it again is a success without effect', async () => {
    expect((await owner.remove(instance)).output).toEqual({ instance, existed: true })
    await until('it is shown as deleted', () => owner.instances.get(instance)?.state === 'deleted')
    expect(gateways()).toEqual([])
    expect(existsSync(join(system.data, 'instances', instance))).toBe(false)
    expect((await owner.remove(instance)).output).toEqual({ instance, existed: false })
    expect((await (await owner.say(instance, 'hello')).end()).failure).toMatchObject({ code: 'not-found' })
  })
})

/** What marks the processes of this one sandbox on the command line of the host. */
const instanceMark = () => join(system.data, 'instances', instance)

function gatewayPids(): string[] {
  const table = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  return table.split('\n').flatMap((row) => (row.includes(instanceMark()) ? [row.trim().split(' ')[0] ?? ''] : []))
}
