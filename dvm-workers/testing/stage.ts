import { SignedEvent } from '#nips/event'
import type { JobContract } from '#nips/job'
import { decodeAnswer, type JobAnswer } from '#nips/job-answers'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { type Clock, systemClock } from '#nips/kit/clock'
import type { RelayLink } from '#nips/relay-link'
import type { Ask } from '#nips/relay-request'
import type { BrokerLine, Ticket } from '#nips/ticket'
import { type Person, person } from '#tests/support/person'
import { until } from '#tests/support/wait'
import type { Broker } from '../broker.ts'
import { serviceKey } from '../key.ts'
import { Outbox } from '../outbox.ts'
import { Owners } from '../owners.ts'
import { openWorkerStore, type WorkerStore } from '../store.ts'
import { createWorker, type WorkerDeps } from '../worker.ts'

/** What a broker does with one ticket; it may be asked again after a cut. */
export type Script = (ticket: Ticket, signal: AbortSignal) => AsyncGenerator<BrokerLine>

export type Stage = ReturnType<typeof stage>

type Options = { script?: Script; store?: WorkerStore; service?: Person; clock?: Clock; relay?: NostrEvent[] }

/** A worker between a relay that is a list and a broker that follows a script. */
export function stage({
  script,
  store = openWorkerStore(':memory:'),
  service = person(),
  clock = systemClock(),
  relay = [],
}: Options = {}) {
  const key = serviceKey(service.secretKey)
  const asks = new Set<Ask>()
  const tickets: Ticket[] = []
  const logged: { event: string; fields: Record<string, unknown> }[] = []
  const put = (event: NostrEvent) => void relay.push(event)
  const link = {
    subscribe: (ask: Ask) => {
      asks.add(ask)
      return () => asks.delete(ask)
    },
    publish: async (event: NostrEvent) => put(event),
    send: put,
    query: async () =>
      relay.filter((event) => event.kind === kind.checkpoint).map((event) => SignedEvent.open({ ...event })),
  } as unknown as RelayLink
  const broker = {
    job: (ticket: Ticket, signal: AbortSignal) => {
      tickets.push(ticket)
      return (script ?? silent)(ticket, signal)
    },
  } as unknown as Broker
  const log = (event: string, fields: Record<string, unknown> = {}) => void logged.push({ event, fields })
  const deps: WorkerDeps = {
    link,
    broker,
    store,
    outbox: new Outbox({ store, link, log }),
    owners: new Owners(),
    key,
    clock,
    log,
  }
  deps.owners.complete()
  const stop = createWorker(deps)
  return {
    ...{ deps, service, relay, tickets, logged, store, stop },
    deliver: (event: SignedEvent) => {
      for (const ask of asks) ask.onEvent(event, true)
    },
    about: (id: string) => relay.filter((event) => event.tags.some(([name, value]) => name === 'e' && value === id)),
  }
}

async function* silent(): AsyncGenerator<BrokerLine> {
  await new Promise(() => undefined)
}

/** A script of fixed lines. */
export const lines = (...all: BrokerLine[]): Script =>
  async function* () {
    yield* all
  }

/** Everything the worker said about a request so far, as the requester reads it. */
export function heard(
  scene: Stage,
  request: SignedEvent,
  { job, by }: { job: JobContract; by: Person },
): Promise<JobAnswer[]> {
  const answers = scene.about(request.id).filter((event) => event.kind !== kind.approvalRequest)
  return Promise.all(
    answers.map((event) => decodeAnswer(event, job, { cipher: by.cipher, peer: scene.service.pubkey })),
  )
}

/** The terminal answers of a request, once there is one; a moment later there must still be just one. */
export async function ending(
  scene: Stage,
  request: SignedEvent,
  reader: { job: JobContract; by: Person },
): Promise<JobAnswer> {
  const last = async () =>
    (await heard(scene, request, reader)).filter(({ type }) => type === 'result' || type === 'failure')
  await until('a terminal event', async () => (await last()).length > 0)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const all = await last()
  if (all.length !== 1 || all[0] === undefined) throw new Error(`${all.length} terminal events`)
  return all[0]
}

/** The approval request about a job, once it is there. */
export const asked = (scene: Stage, request: SignedEvent): Promise<NostrEvent> =>
  until('an approval request', () => scene.about(request.id).find((event) => event.kind === kind.approvalRequest))
