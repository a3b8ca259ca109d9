import { describe, expect, test } from 'vitest'
import { actionOf } from '#nips/approval'
import { readRequest } from '#nips/job-events'
import { instanceDelete } from '#nips/jobs/instance-delete'
import { instanceProvision } from '#nips/jobs/instance-provision'
import type { Ticket } from '#nips/ticket'
import { decided, person, requestOf } from '#tests/support/person'
import { approvedTicket, clock, hear, plain, provisioned, service, setUp } from './testing/desk.ts'

describe('a job that needs a decision', () => {
  test('runs a job that needs a decision once its owner has approved exactly it', async () => {
    const { desk, ran } = setUp(async () => provisioned)
    const { ticket } = await approvedTicket(person())
    expect((await hear(desk.take(ticket, service.pubkey))).at(-1)).toMatchObject({ type: 'result' })
    expect(ran).toEqual(['instance.provision'])
  })

  test('spends an approval once, whoever brings it again', async () => {
    const { desk, ran, store } = setUp(async () => provisioned)
    const { ticket } = await approvedTicket(person())
    await hear(desk.take(ticket, service.pubkey))
    const again = { job: 'f'.repeat(64), name: 'chat', owner: 'x', ticket: '{}', startedAt: 1 }
    expect(() => store.begin({ ...again, approval: (ticket.approval as { id: string }).id })).toThrow('has been used')
    expect(ran).toHaveLength(1)
  })

  test('refuses a decision about other arguments, by another key, or a denial', async () => {
    const { desk, ran } = setUp(async () => provisioned)
    const owner = person()
    const mine = await approvedTicket(owner)
    const other = await approvedTicket(owner)
    expect(() =>
      desk.take(
        { ...mine.ticket, approval: other.ticket.approval, decision: other.ticket.decision } as Ticket,
        service.pubkey,
      ),
    ).toThrow('another action')
    const stranger = await approvedTicket(owner, person())
    expect(() => desk.take(stranger.ticket, service.pubkey)).toThrow('may not decide')
    expect(() => desk.take(plain(mine.request), service.pubkey)).toThrow("owner's signed decision")
    const action = actionOf(
      readRequest(mine.request, instanceProvision, { service: service.pubkey, params: mine.request.tags }),
    )
    const denied = await decided(action, 'deny', { service, approver: owner, now: clock.now() })
    expect(() => desk.take({ ...mine.ticket, ...denied } as unknown as Ticket, service.pubkey)).toThrow('said no')
    expect(ran).toEqual([])
  })

  test('lets only the owner of an instance decide about it, whoever asks', async () => {
    const { desk, ran, store } = setUp(async () => ({ instance: 'b'.repeat(16), existed: true }))
    const owner = person()
    const thief = person()
    store.addInstance({ id: 'b'.repeat(16), owner: owner.pubkey, slug: 'openclaw', createdAt: 1 })
    const request = await requestOf(
      instanceDelete,
      { instance: 'b'.repeat(16) },
      { by: thief, to: service.pubkey, now: clock.now() },
    )
    const action = actionOf(readRequest(request, instanceDelete, { service: service.pubkey, params: request.tags }))
    const own = await decided(action, 'approve', { service, approver: thief, now: clock.now() })
    expect(() => desk.take({ request, ...own } as unknown as Ticket, service.pubkey)).toThrow('may not decide')
    expect(ran).toEqual([])
  })
})
