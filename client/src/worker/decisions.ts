import {
  type ApprovalRequest,
  encodeDecision,
  type OpenedApproval,
  openApprovalRequest,
  readApprovalRequest,
} from '#nips/approval'
import { onlyTag, type SignedEvent, tag } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { canonicalJson } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { TicketView } from '../model.ts'
import type { Database } from './database.ts'
import type { Locks } from './locks.ts'
import type { Signer } from './signer.ts'

export type DecisionsDeps = {
  db: Database
  clock: Clock
  locks: Locks
  signer: Signer
  /** Resolves when the relay has it; rejects with a Fault in its words. */
  publish(event: NostrEvent): Promise<void>
  show(tickets: TicketView[]): void
}

type Ticket = { request: OpenedApproval; view: TicketView }

/**
 * Requests for my decision. One that asks for exactly what the person has confirmed in a dialog here is answered
 * with that confirmation; every other one waits as a ticket.
 */
export class Decisions {
  readonly #deps: DecisionsDeps
  readonly #tickets = new Map<string, Ticket>()
  /** Requests that I have answered, here or elsewhere. */
  readonly #decided = new Set<string>()
  /** What the relay had stored, until it has sent all of it: a request and its answer come in no order. */
  #stored: SignedEvent[] = []

  constructor(deps: DecisionsDeps) {
    this.#deps = deps
  }

  /** The person confirmed the action with this hash, asked for by this job. Written down before the job is published. */
  async confirmed(job: string, hash: string): Promise<void> {
    await this.#deps.db.put('facts', `confirmed/${job}`, hash)
  }

  /** A 5783 of the service, or a 6783 of mine. */
  take(event: SignedEvent, live: boolean): void {
    if (!live) this.#stored.push(event)
    else if (event.kind === kind.decision) this.#answered(event)
    else void this.#asked(event).catch(() => undefined)
  }

  /** Everything stored was sent: answers count before their requests. */
  stored(): void {
    const events = this.#stored
    this.#stored = []
    for (const event of events) if (event.kind === kind.decision) this.take(event, true)
    for (const event of events) if (event.kind !== kind.decision) this.take(event, true)
  }

  async #asked(event: SignedEvent): Promise<void> {
    if (this.#tickets.has(event.id) || this.#decided.has(event.id)) return
    const { signer, clock, db } = this.#deps
    const request = readApprovalRequest(event)
    if (request.until <= clock.now() || !request.approvers.includes(signer.pubkey)) return
    const known = await db.get<string>('facts', `confirmed/${onlyTag(event, 'e')}`)
    if (known === request.hash) return this.#carryOut(request)
    // Whoever decides has to see what about: a request that cannot be opened is none.
    const opened = await openApprovalRequest(event, signer.cipher)
    this.#tickets.set(event.id, { request: opened, view: ticketOf(opened) })
    this.#show()
  }

  #answered(event: SignedEvent): void {
    const id = tag(event, 'e')
    if (id === undefined) return
    this.#decided.add(id)
    const state = tag(event, 'decision') === 'approve' ? 'approved' : 'denied'
    this.#change(id, { state, decidedAt: event.created_at })
  }

  /** The job has ended, with or without an answer: there is nothing left to decide. */
  over(job: string): void {
    void this.#deps.db.remove('facts', `confirmed/${job}`)
    for (const [id, { request, view }] of this.#tickets)
      if (request.action.job === job && view.state === 'open') this.#tickets.delete(id)
    this.#show()
  }

  /** What the person said about a ticket. */
  async decide(id: string, choice: 'approve' | 'deny'): Promise<void> {
    const ticket = this.#tickets.get(id)
    if (ticket === undefined) throw new Fault('not-found', 'this decision is not asked for any more')
    this.#change(id, { state: 'deciding' })
    try {
      await this.#sign(ticket.request, choice)
      const state = choice === 'approve' ? 'approved' : 'denied'
      this.#change(id, { state, decidedAt: this.#deps.clock.now() })
    } catch (thrown) {
      this.#change(id, { state: 'open', reason: thrown instanceof Fault ? thrown.message : 'it could not be signed' })
    }
  }

  /** Once among all tabs. */
  #carryOut(request: ApprovalRequest): Promise<void> {
    const { locks, db } = this.#deps
    const { id } = request.event
    return locks(`openagents-decision-${id}`, true, async (held) => {
      if (!held || this.#decided.has(id) || (await db.get('facts', `decided/${id}`)) !== undefined) return
      await this.#sign(request, 'approve')
      await db.put('facts', `decided/${id}`, true)
    })
  }

  async #sign(request: ApprovalRequest, choice: 'approve' | 'deny'): Promise<void> {
    const { signer, clock, publish } = this.#deps
    return publish(await signer.sign(encodeDecision(request.event, choice, { now: clock.now() })))
  }

  #change(id: string, change: Partial<TicketView>): void {
    const ticket = this.#tickets.get(id)
    if (ticket === undefined) return
    this.#tickets.set(id, { ...ticket, view: { ...ticket.view, ...change } })
    this.#show()
  }

  #show(): void {
    this.#deps.show([...this.#tickets.values()].map(({ view }) => view).sort((a, b) => a.at - b.at))
  }
}

const ticketOf = ({ event, action, summary, hash, until }: OpenedApproval): TicketView => ({
  id: event.id,
  type: action.type,
  title: summary,
  instance: action.instance,
  requester: action.requester,
  at: event.created_at,
  until,
  json: canonicalJson(action),
  hash,
  state: 'open',
})
