import { expect, test } from 'vitest'
import { type Action, actionHash, encodeApprovalRequest, judgeDecision, readApprovalRequest } from '#nips/approval'
import { SignedEvent } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { Fault } from '#nips/kit/fault'
import type { TicketView } from '../model.ts'
import { memoryDatabase } from './database.ts'
import { Decisions } from './decisions.ts'
import { ManualClock, settle } from './testing/clock.ts'
import { person } from './testing/person.ts'

const [me, service] = [person(), person()]
const action: Action = {
  type: 'instance.provision',
  instance: 'a'.repeat(16),
  args: { slug: 'tide-otter' },
  job: 'b'.repeat(64),
  requester: me.pubkey,
}

function stage(refusal?: Fault) {
  const clock = new ManualClock()
  const published: NostrEvent[] = []
  let tickets: TicketView[] = []
  const decisions = new Decisions({
    db: memoryDatabase(),
    clock,
    locks: (_name, _ifFree, act) => act(true),
    signer: me.signer,
    publish: async (event) => {
      if (refusal) throw refusal
      published.push(event)
    },
    show: (shown) => {
      tickets = shown
    },
  })
  /** As it comes live from the relay. */
  const hear = async (event: SignedEvent) => {
    decisions.take(event, true)
    await settle()
  }
  const ask = async (of: Action, approver = me.pubkey, cipher = service.cipher) =>
    service.sign(await encodeApprovalRequest(of, approver, { service: service.pubkey, now: clock.now(), cipher }))
  return { clock, published, decisions, hear, ask, tickets: () => tickets }
}

test('exactly what was confirmed in the dialog is approved, once, with a decision the service accepts', async () => {
  const { clock, published, decisions, hear, ask, tickets } = stage()
  await decisions.confirmed(action.job, actionHash(action))
  const request = await ask(action)
  await hear(request)
  await hear(request)
  expect(tickets()).toEqual([])
  expect(published).toHaveLength(1)
  const judged = judgeDecision(SignedEvent.open(published[0]), {
    request: readApprovalRequest(request),
    service: service.pubkey,
    now: clock.now(),
    mayDecide: () => true,
  })
  expect(judged).toBe('approve')
})

test('a decision that the relay refuses leaves its ticket open, with the words of the refusal', async () => {
  const { decisions, hear, ask, tickets } = stage(new Fault('unauthorized', 'restricted: not you'))
  const request = await ask(action)
  await hear(request)
  await decisions.decide(request.id, 'approve')
  expect(tickets()).toMatchObject([{ id: request.id, state: 'open', reason: 'restricted: not you' }])
})

test.each<{ says: string; other: Action }>([
  { says: 'another name', other: { ...action, args: { slug: 'evil-otter' } } },
  { says: 'another operation', other: { ...action, type: 'instance.delete' } },
  { says: 'another gateway', other: { ...action, instance: 'c'.repeat(16) } },
  { says: 'another requester', other: { ...action, requester: 'd'.repeat(64) } },
  { says: 'another job', other: { ...action, job: 'e'.repeat(64) } },
])('a request for $says waits as a ticket and is never approved by itself', async ({ other }) => {
  const { published, decisions, hear, ask, tickets } = stage()
  await decisions.confirmed(action.job, actionHash(action))
  await hear(await ask(other))
  expect(published).toEqual([])
  expect(tickets()).toMatchObject([{ state: 'open', hash: actionHash(other) }])
})

test('a ticket is answered as the person says, and shows it', async () => {
  const { published, decisions, hear, ask, tickets } = stage()
  const request = await ask(action)
  await hear(request)
  await decisions.decide(request.id, 'deny')
  expect(published[0]?.tags).toContainEqual(['decision', 'deny'])
  expect(tickets()).toMatchObject([{ state: 'denied' }])
})

test('a request that shows something else, cannot be read, is for somebody else or too late is no ticket', async () => {
  const { clock, hear, ask, tickets } = stage()
  const honest = await ask(action)
  const evil = JSON.stringify({ v: 1, action: { ...action, args: { slug: 'evil-otter' } }, summary: 'Harmless.' })
  await hear(service.sign({ ...honest, content: service.cipher.encrypt(me.pubkey, evil) }))
  await hear(await ask(action, me.pubkey, person().cipher))
  await hear(await ask(action, service.pubkey))
  const late = await ask(action)
  await clock.advance(601_000)
  await hear(late)
  expect(tickets()).toEqual([])
})

test('a decision made elsewhere, or a job that ended, leaves nothing to decide', async () => {
  const { decisions, hear, ask, tickets } = stage()
  const [first, second] = [await ask(action), await ask({ ...action, job: 'f'.repeat(64) })]
  await hear(first)
  await hear(second)
  await hear(
    me.sign({
      kind: 6783,
      tags: [
        ['e', first.id],
        ['decision', 'approve'],
      ],
    }),
  )
  decisions.over('f'.repeat(64))
  expect(tickets()).toMatchObject([{ id: first.id, state: 'approved' }])
})

test('what was decided before this visit is neither a ticket nor a receipt, in whatever order it comes', async () => {
  const { decisions, ask, tickets } = stage()
  const request = await ask(action)
  decisions.take(request, false)
  decisions.take(
    me.sign({
      kind: 6783,
      tags: [
        ['e', request.id],
        ['decision', 'approve'],
      ],
    }),
    false,
  )
  decisions.stored()
  await settle()
  expect(tickets()).toEqual([])
})

test('a request that was stored while nobody looked is a ticket', async () => {
  const { decisions, ask, tickets } = stage()
  decisions.take(await ask(action), false)
  expect(tickets()).toEqual([])
  decisions.stored()
  await settle()
  expect(tickets()).toMatchObject([{ state: 'open' }])
})
