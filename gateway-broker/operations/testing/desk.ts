import { actionOf } from '#nips/approval'
import type { SignedEvent } from '#nips/event'
import { isEncrypted, readRequest } from '#nips/job-events'
import { chat } from '#nips/jobs/chat'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { systemClock } from '#nips/kit/clock'
import { silentLog } from '#nips/kit/log'
import type { BrokerLine, Ticket } from '#nips/ticket'
import { decided, type Person, person, requestOf } from '#tests/support/person'
import { until } from '#tests/support/wait'
import { openBrokerStore } from '../../store/sqlite.ts'
import type { BrokerStore } from '../../store/store.ts'
import { Desk } from '../desk.ts'
import type { Context, Operations } from '../operation.ts'

export const clock = systemClock()
export const service = person()
export const provisioned = {
  instance: 'a'.repeat(16),
  slug: 'openclaw',
  version: '1',
  model: 'm',
  driver: 'd',
  seconds: 1,
}
export const said = { text: 'hello', model: 'm', inputTokens: 1, outputTokens: 1 }

type Run = (context: Context) => Promise<unknown>

/** A desk whose operations do what a test says, and count how often. */
export function setUp(run: Run, store: BrokerStore = openBrokerStore(':memory:')) {
  const ran: string[] = []
  const reserved: string[] = []
  const operation = (name: string, afterCrash: 'again' | 'interrupted') => ({
    afterCrash,
    reserve: (asked: { job: string }) => void reserved.push(asked.job),
    run: async (_input: unknown, context: Context) => {
      ran.push(name)
      return run(context)
    },
  })
  const operations = () =>
    ({
      'instance.provision': operation('instance.provision', 'again'),
      'instance.delete': operation('instance.delete', 'again'),
      'instance.status': operation('instance.status', 'again'),
      chat: operation('chat', 'interrupted'),
      abort: operation('abort', 'again'),
    }) as unknown as Operations
  return { desk: new Desk({ store, clock, log: silentLog, operations }), store, ran, reserved }
}

export const ask = (by: Person) =>
  requestOf(chat, { instance: 'a'.repeat(16), text: 'hi' }, { by, to: service.pubkey, now: clock.now() })

/** A ticket for a request to chat, with the parameters that only the worker could read. */
export const plain = (event: SignedEvent): Ticket =>
  ({ request: { ...event }, ...(isEncrypted(event) ? { params: [['i', 'hi', 'text']] } : {}) }) as unknown as Ticket

/** Every line of a job until its last. */
export async function hear(listen: (listener: (line: BrokerLine) => void) => () => void): Promise<BrokerLine[]> {
  const lines: BrokerLine[] = []
  listen((line) => lines.push(line))
  await until('the last line', () => lines.some(({ type }) => type === 'result' || type === 'fault'))
  return lines
}

export async function approvedTicket(
  owner: Person,
  approver = owner,
): Promise<{ ticket: Ticket; request: SignedEvent }> {
  const request = await requestOf(
    instanceProvision,
    {},
    { by: owner, to: service.pubkey, now: clock.now(), idem: crypto.randomUUID() },
  )
  const action = actionOf(readRequest(request, instanceProvision, { service: service.pubkey, params: request.tags }))
  const { approval, decision } = await decided(action, 'approve', { service, approver, now: clock.now() })
  return { request, ticket: { request, approval, decision } as unknown as Ticket }
}
