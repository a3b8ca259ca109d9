import { instanceFor } from '#nips/approval'
import { parseInput, parseOutput } from '#nips/job'
import { jobNamed } from '#nips/jobs/index'
import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { type BrokerLine, type Ticket, ticketShape } from '#nips/ticket'
import type { BrokerStore, OperationRow } from '../store/store.ts'
import { admit } from '../ticket.ts'
import type { Aborting, Operation, Operations } from './operation.ts'
import { Running } from './running.ts'

export type DeskDeps = {
  store: BrokerStore
  clock: Clock
  log: Log
  /** How each job is done; made with the desk's own power to end jobs. */
  operations: (aborting: Aborting) => Operations
}

type AnyOperation = Operation<never>
/** What is kept of a job besides its id: enough to run it again. */
type Kept = { input: Record<string, unknown>; instance: string }

/** Takes jobs on, once each; runs them to exactly one last line; lets anybody who brings the same ticket listen. */
export class Desk implements Aborting {
  readonly #deps: DeskDeps
  readonly #operations: Operations
  readonly #running = new Map<string, Running>()
  #closing = false

  constructor(deps: DeskDeps) {
    this.#deps = deps
    this.#operations = deps.operations(this)
  }

  /** Takes a ticket on, or finds the job it is for. Throws whatever refuses it; nothing has happened then. */
  take(ticket: Ticket, service: string): (listener: (line: BrokerLine) => void) => () => void {
    const known = this.#deps.store.operation(ticket.request.id)
    if (known) return this.#attach(known)
    const { store, clock } = this.#deps
    const ownerOf = (instance: string) => store.instance(instance)?.owner
    const { request, approval } = admit(ticketShape.parse(ticket), { service, now: clock.now(), ownerOf })
    const { id: job, pubkey: owner } = request.event
    const kept: Kept = { input: request.input, instance: instanceFor(request) }
    const operation = this.#operation(request.job.name)
    store.begin({
      job,
      name: request.job.name,
      owner,
      ticket: JSON.stringify(kept),
      startedAt: clock.now(),
      also: () => operation.reserve?.({ job, owner, input: request.input as never }),
      ...(approval === undefined ? {} : { approval }),
    })
    const row = { job, name: request.job.name, owner, ticket: JSON.stringify(kept), end: null, startedAt: clock.now() }
    void this.#run(row)
    return this.#attach(row)
  }

  /** Goes on with what was running when the broker ended, or ends it with an honest word. */
  resume(): void {
    for (const row of this.#deps.store.runningOperations()) {
      if (this.#operation(row.name).afterCrash === 'again') void this.#run(row)
      else
        this.#end(row, {
          type: 'fault',
          code: 'interrupted',
          message: 'the gateway was stopped in the middle',
          text: '',
        })
    }
  }

  /** Stops taking part: what runs is left for the next start. */
  close(): void {
    this.#closing = true
    for (const running of this.#running.values())
      running.controller.abort(new Fault('interrupted', 'the broker is shutting down'))
  }

  abort(job: string, owner: string): boolean {
    const row = this.#deps.store.operation(job)
    if (row === undefined || row.owner !== owner) throw new Fault('not-found', 'no such job')
    const running = this.#running.get(job)
    running?.controller.abort(new Fault('cancelled', 'stopped by you'))
    return running !== undefined
  }

  abortOn(instance: string, except: string, fault: Fault): void {
    for (const [job, running] of this.#running)
      if (running.instance === instance && job !== except) running.controller.abort(fault)
  }

  #operation(name: string): AnyOperation {
    if (!Object.hasOwn(this.#operations, name)) throw new Fault('internal', `${name} has no operation`)
    return this.#operations[name as keyof Operations] as unknown as AnyOperation
  }

  #attach(row: OperationRow): (listener: (line: BrokerLine) => void) => () => void {
    return (listener) => {
      const running = this.#running.get(row.job)
      if (running) return running.listen(listener)
      const end = this.#deps.store.operation(row.job)?.end
      if (end) listener(JSON.parse(end) as BrokerLine)
      return () => undefined
    }
  }

  async #run(row: OperationRow): Promise<void> {
    const { clock, log } = this.#deps
    const kept = JSON.parse(row.ticket) as Kept
    const running = new Running(kept.instance, row.owner)
    this.#running.set(row.job, running)
    const started = clock.millis()
    const end = await this.#outcome(row, kept, running)
    this.#running.delete(row.job)
    if (this.#closing) return
    this.#end(row, end, running)
    const outcome = end.type === 'fault' ? { outcome: end.code, why: end.message } : { outcome: 'result' }
    log('operation.end', { job: row.job, name: row.name, ms: Math.round(clock.millis() - started), ...outcome })
  }

  async #outcome(row: OperationRow, kept: Kept, running: Running): Promise<BrokerLine> {
    const contract = jobNamed(row.name)
    try {
      if (contract === undefined) throw new Fault('internal', `${row.name} is no job`)
      const output = await this.#operation(row.name).run(parseInput(contract, kept.input) as never, {
        job: row.job,
        owner: row.owner,
        signal: running.controller.signal,
        phase: (phase) => running.tell({ type: 'phase', phase }),
        step: (phase, progress) => running.tell({ type: 'step', phase, progress }),
        text: (whole) => running.say(whole),
      })
      return {
        type: 'result',
        output: parseOutput(contract, output) as Extract<BrokerLine, { type: 'result' }>['output'],
      }
    } catch (thrown) {
      const fault = toFault(thrown)
      if (fault.code === 'internal') this.#deps.log('operation.bug', { job: row.job, name: row.name, error: fault })
      return { type: 'fault', code: fault.code, message: fault.message, text: running.text }
    }
  }

  /** Durable first, then told. */
  #end(row: OperationRow, end: BrokerLine, running?: Running): void {
    this.#deps.store.end(row.job, JSON.stringify(end))
    running?.tell(end)
  }
}
