import { describe, expect, test } from 'vitest'
import { actionOf } from '#nips/approval'
import type { SignedEvent } from '#nips/event'
import { instanceIdOf } from '#nips/instance'
import { readRequest } from '#nips/job-events'
import { chat } from '#nips/jobs/chat'
import { jobOfKind } from '#nips/jobs/index'
import { Fault } from '#nips/kit/fault'
import { silentLog } from '#nips/kit/log'
import type { Ticket } from '#nips/ticket'
import { person, requestOf } from '#tests/support/person'
import { until } from '#tests/support/wait'
import { openBrokerStore } from '../store/sqlite.ts'
import { Desk } from './desk.ts'
import type { Operations } from './operation.ts'
import { approvedTicket, ask, clock, hear, plain, provisioned, said, service, setUp } from './testing/desk.ts'

describe('a desk', () => {
  test('runs a job once and tells everybody who brings the same ticket how it ended', async () => {
    const { desk, ran } = setUp(async ({ text }) => {
      text('hel')
      text('hello')
      return said
    })
    const ticket = plain(await ask(person()))
    const lines = await hear(desk.take(ticket, service.pubkey))
    expect(lines.at(-1)).toEqual({ type: 'result', output: said })
    expect(await hear(desk.take(ticket, service.pubkey))).toEqual([{ type: 'result', output: said }])
    expect(ran).toEqual(['chat'])
  })

  test('gives a late listener all text so far, then only what is new', async () => {
    let finish = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      finish = resolve
    })
    const { desk } = setUp(async ({ text }) => {
      text('one ')
      await gate
      text('one two')
      return said
    })
    const ticket = plain(await ask(person()))
    desk.take(ticket, service.pubkey)(() => undefined)
    const late = hear(desk.take(ticket, service.pubkey))
    finish()
    expect((await late).slice(0, 2)).toEqual([
      { type: 'snapshot', text: 'one ' },
      { type: 'delta', text: 'two' },
    ])
  })

  test('turns whatever an operation throws into one fault with the text so far', async () => {
    const { desk } = setUp(async ({ text }) => {
      text('half an ans')
      throw new Error('a secret stack')
    })
    const lines = await hear(desk.take(plain(await ask(person())), service.pubkey))
    expect(lines.at(-1)).toEqual({ type: 'fault', code: 'internal', message: 'internal error', text: 'half an ans' })
  })

  test('calls an output that breaks its contract an error, never an empty success', async () => {
    const { desk } = setUp(async () => ({ ...said, text: '' }))
    expect((await hear(desk.take(plain(await ask(person())), service.pubkey))).at(-1)).toMatchObject({ type: 'fault' })
  })

  test('reads an encrypted request from the parameters the worker brings, and refuses it without', async () => {
    const { desk } = setUp(async () => said)
    const event = await ask(person())
    const { params, ...without } = plain(event)
    expect(() => desk.take(without, service.pubkey)).toThrow('comes with its parameters')
    expect((await hear(desk.take({ ...without, params }, service.pubkey))).at(-1)).toMatchObject({ type: 'result' })
  })

  test.each([
    { says: 'a forged request', spoil: (event: SignedEvent) => ({ ...event, content: 'x' }), why: 'bad event id' },
    {
      says: 'a request for another service',
      spoil: (event: SignedEvent) => event,
      to: person().pubkey,
      why: 'another service',
    },
  ])('refuses $says and runs nothing', async ({ spoil, to, why }) => {
    const { desk, ran, store } = setUp(async () => said)
    const event = await ask(person())
    expect(() =>
      desk.take({ ...plain(event), request: spoil(event) } as unknown as Ticket, to ?? service.pubkey),
    ).toThrow(why)
    expect([ran, store.runningOperations()]).toEqual([[], []])
  })

  test('refuses a request that is older than ten minutes', async () => {
    const { desk, ran } = setUp(async () => said)
    const event = await requestOf(
      chat,
      { instance: 'a'.repeat(16), text: 'hi' },
      { by: person(), to: service.pubkey, now: clock.now() - 700 },
    )
    expect(() => desk.take(plain(event), service.pubkey)).toThrow('10 minutes')
    expect(ran).toEqual([])
  })

  test('leaves nothing behind when the operation refuses to reserve', async () => {
    const store = openBrokerStore(':memory:')
    const { desk } = setUp(async () => said, store)
    const refusing = new Desk({
      store,
      clock,
      log: silentLog,
      operations: () =>
        ({ chat: { afterCrash: 'again', reserve: () => refuse(), run: async () => said } }) as unknown as Operations,
    })
    const event = await ask(person())
    expect(() => refusing.take(plain(event), service.pubkey)).toThrow('no such instance')
    expect(store.operation(event.id)).toBeUndefined()
    expect((await hear(desk.take(plain(event), service.pubkey))).at(-1)).toMatchObject({ type: 'result' })
  })

  test('ends a job of its owner when asked, and nobody else’s', async () => {
    const { desk } = setUp(({ signal, text }) => {
      text('so far')
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const owner = person()
    const event = await ask(owner)
    const lines = hear(desk.take(plain(event), service.pubkey))
    expect(() => desk.abort(event.id, person().pubkey)).toThrow('no such job')
    expect(desk.abort(event.id, owner.pubkey)).toBe(true)
    expect((await lines).at(-1)).toEqual({
      type: 'fault',
      code: 'cancelled',
      message: 'stopped by you',
      text: 'so far',
    })
    expect(desk.abort(event.id, owner.pubkey)).toBe(false)
  })

  test('after a crash runs again what is safe to run again, and ends the rest as interrupted', async () => {
    const store = openBrokerStore(':memory:')
    const crashed = setUp(() => new Promise(() => undefined), store)
    const owner = person()
    const talk = await ask(owner)
    const { ticket, request } = await approvedTicket(owner)
    crashed.desk.take(plain(talk), service.pubkey)
    crashed.desk.take(ticket, service.pubkey)
    const next = setUp(async () => provisioned, store)
    next.desk.resume()
    await until('both have ended', () => store.runningOperations().length === 0)
    expect(JSON.parse(store.operation(talk.id)?.end ?? '')).toMatchObject({ type: 'fault', code: 'interrupted' })
    expect(JSON.parse(store.operation(request.id)?.end ?? '')).toMatchObject({ type: 'result' })
    expect(next.ran).toEqual(['instance.provision'])
  })

  test('leaves what runs to the next start when it closes', async () => {
    const { desk, store } = setUp(
      ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    desk.take(plain(await ask(person())), service.pubkey)
    desk.close()
    await Promise.resolve()
    expect(store.runningOperations()).toHaveLength(1)
  })
})

function refuse(): never {
  throw new Fault('not-found', 'no such instance')
}

test('the instance of a provision job follows from the job alone', async () => {
  const { request } = await approvedTicket(person())
  const job = jobOfKind(request.kind)
  if (job === undefined) throw new Error('no contract')
  expect(actionOf(readRequest(request, job, { service: service.pubkey, params: request.tags })).instance).toBe(
    instanceIdOf(request.id),
  )
})
