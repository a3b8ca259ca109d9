import { actionHash } from '#nips/approval'
import { SignedEvent } from '#nips/event'
import { instanceIdOf } from '#nips/instance'
import type { JobContract } from '#nips/job'
import { encodeRequest } from '#nips/job-events'
import { isOver } from '#nips/job-state'
import { type CallableName, callableJobs, jobNamed } from '#nips/jobs/index'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { RelayLink } from '#nips/relay-link'
import type { TaskView } from '../model.ts'
import type { Database } from './database.ts'
import { Decisions } from './decisions.ts'
import type { Draft } from './draft.ts'
import { type Entry, turnIdOf } from './entry.ts'
import { Instances } from './instances.ts'
import { Ledger } from './ledger.ts'
import type { Locks } from './locks.ts'
import { Outbox } from './outbox.ts'
import type { Outlet } from './outlet.ts'
import type { Signer } from './signer.ts'
import { isTask, tasksOf } from './tasks.ts'
import { Transcript } from './transcript.ts'

export type WorkDeps = {
  db: Database
  clock: Clock
  locks: Locks
  outlet: Outlet
  link: RelayLink
  signer: Signer
  service: string
  newId: () => string
  /** A draft that is no job: a post. */
  onPost(id: string, draft: Draft | undefined): void
  onSent(event: NostrEvent): void
  /** Other tabs should read the outbox again. */
  tell(): void
  loaded(what: 'instances' | 'jobs'): void
}

/** Requests and answers asked for at once; older ones stay on the relay. */
const HISTORY = 500
const DISMISSED = 'dismissed'

/** Everything one key does with one deployment: its jobs, gateways, decisions and what waits to be sent. */
export class Work {
  readonly instances: Instances
  readonly ledger: Ledger
  readonly transcript: Transcript
  readonly decisions: Decisions
  readonly outbox: Outbox
  readonly #deps: WorkDeps
  readonly #dismissed = new Set<string>()
  #lastAt = 0
  #lastSigned = 0

  constructor(deps: WorkDeps) {
    this.#deps = deps
    const { service, signer, outlet, link } = deps
    const owner = signer.pubkey
    const publish = (event: NostrEvent, isStale?: () => boolean) => link.publish(event, isStale)
    this.instances = new Instances({
      ...deps,
      key: `${service}/${owner}`,
      show: (instances) => {
        outlet.slice('instances', instances)
        this.outbox.flush()
      },
    })
    this.transcript = new Transcript({
      ...deps,
      owner,
      show: (id, turn) => outlet.turn(id, turn),
      gatewayOf: (draft) => this.#gatewayOf(draft),
    })
    this.ledger = new Ledger({
      ...deps,
      me: owner,
      cipher: signer.cipher,
      changed: (entry) => this.#entryChanged(entry),
      gap: (request) => this.#askAgain(request),
    })
    this.decisions = new Decisions({ ...deps, publish, show: (tickets) => outlet.slice('tickets', tickets) })
    this.outbox = new Outbox({
      ...deps,
      owner,
      publish,
      prepare: (draft) => this.#prepare(draft),
      changed: (id, draft) => this.#draftChanged(id, draft),
      sent: (event) => deps.onSent(event),
    })
  }

  /** Shows what this browser knows, before anything was heard. */
  async load(): Promise<void> {
    for (const task of (await this.#deps.db.get<string[]>('facts', DISMISSED)) ?? []) this.#dismissed.add(task)
    await this.instances.load()
    await this.transcript.load()
    await this.outbox.load()
    for (const { event, job } of this.outbox.list())
      if (event !== undefined && job !== undefined) await this.#known(event)
  }

  /** Asks the relay for all of it, and for what comes. */
  open(): void {
    const { link, signer, service, loaded } = this.#deps
    const me = [signer.pubkey]
    const answers = { authors: [service], '#p': me }
    const jobKinds = callableJobs.map((job) => job.kind)
    link.subscribe({
      private: true,
      filters: [{ kinds: [kind.instance], ...answers }],
      onEvent: (event) => this.instances.take(event),
      onStored: () => {
        this.instances.stored()
        loaded('instances')
      },
    })
    link.subscribe({
      private: true,
      filters: [
        { kinds: jobKinds, authors: me, limit: HISTORY },
        { kinds: jobKinds.map((number) => number + 1000), ...answers, limit: HISTORY },
        { kinds: [kind.feedback, kind.checkpoint], ...answers, limit: HISTORY },
        { kinds: jobKinds.map((number) => number + 20_000), ...answers },
      ],
      onEvent: (event, live) => void this.ledger.take(event, live),
      onStored: () => void this.#historyRead(),
    })
    link.subscribe({
      private: true,
      filters: [
        { kinds: [kind.approvalRequest], ...answers, limit: 50 },
        { kinds: [kind.decision], authors: me, limit: HISTORY },
      ],
      onEvent: (event, live) => this.decisions.take(event, live),
      onStored: () => this.decisions.stored(),
    })
  }

  /** Whether a request is over, so that events about it need not be verified again. */
  isSettled(request: string): boolean {
    const state = this.ledger.get(request)?.state
    return state === undefined ? this.transcript.isSettled(request) : isOver(state)
  }

  /** Called every second: time ends what nobody else ends. */
  async look(): Promise<void> {
    this.transcript.refreshOpen()
    await this.transcript.save()
  }

  /** Puts a job into the outbox; its id is the name of the intent, whichever request is made of it. */
  async ask(name: CallableName, input: Record<string, unknown>, more: { after?: string } = {}): Promise<string> {
    const { signer, service, clock, newId } = this.#deps
    const id = newId()
    // What is typed later stands later, also within a second, and also when the one before was dated ahead.
    this.#lastAt = Math.max(clock.now(), this.#lastAt + 0.001, this.#lastSigned + 0.001)
    await this.outbox.add({ ...more, id, owner: signer.pubkey, service, at: this.#lastAt, job: { name, input } })
    return id
  }

  async post(event: NostrEvent): Promise<void> {
    const { signer, service, clock } = this.#deps
    await this.outbox.add({ id: event.id, owner: signer.pubkey, service, at: clock.now(), event })
  }

  /** Every task, also those that were put away. */
  tasks(): TaskView[] {
    return tasksOf(this.ledger.all(), this.outbox.list(), this.#deps.clock.now())
  }

  /** Puts a task away for good. */
  async dismiss(task: string): Promise<void> {
    this.#dismissed.add(task)
    this.#showTasks()
    await this.#deps.db.put('facts', DISMISSED, [...this.#dismissed].slice(-100))
  }

  #showTasks(): void {
    this.#deps.outlet.slice(
      'tasks',
      this.tasks().filter(({ id }) => !this.#dismissed.has(id)),
    )
  }

  /** Signs a draft whose turn has come. For a chat: its gateway is ready and the turn before it has ended. */
  async #prepare(draft: Draft): Promise<NostrEvent | undefined> {
    const { link, signer, service, clock } = this.#deps
    if (draft.job === undefined || !link.isReady) return undefined
    const job: JobContract | undefined = jobNamed(draft.job.name)
    const input = job?.name === 'chat' ? this.#chatInput(draft) : draft.job.input
    if (job === undefined || input === undefined) return undefined
    // Requests of one key never share a second, so that everybody reads a thread in the order it was said.
    this.#lastSigned = Math.max(clock.now(), this.#lastSigned + 1)
    const { cipher } = signer
    const template = await encodeRequest({ job, input, service, now: this.#lastSigned, idem: draft.id, cipher })
    const event = SignedEvent.open(await signer.sign(template))
    if (job.consent === 'decision') await this.#confirm(event, job, input)
    await this.ledger.request(event, false)
    return { ...event }
  }

  #chatInput({ id, at, after, job }: Draft): Record<string, unknown> | undefined {
    const instance = after === undefined ? String(job?.input.instance) : this.#gatewayOf(after)
    if (after === undefined && this.instances.isGone(String(instance)))
      throw new Fault('not-found', 'this gateway was deleted')
    if (instance === undefined || this.instances.get(instance)?.state !== 'ready') return undefined
    const thread = String(job?.input.thread)
    return this.transcript.isBusy({ instance, thread, id, at }) ? undefined : { ...job?.input, instance }
  }

  /** The dialog said what would run; exactly that is what the service may be told to go on with. */
  async #confirm(event: SignedEvent, job: JobContract, input: Record<string, unknown>): Promise<void> {
    const instance = typeof input.instance === 'string' ? input.instance : instanceIdOf(event.id)
    const args = input as Parameters<typeof actionHash>[0]['args']
    const action = { type: job.name, instance, args, job: event.id, requester: event.pubkey }
    await this.decisions.confirmed(event.id, actionHash(action))
  }

  #gatewayOf(provisionDraft: string): string | undefined {
    return this.tasks().find(({ id }) => id === provisionDraft)?.instance || undefined
  }

  #entryChanged(entry: Entry): void {
    if (entry.job.name === 'chat') this.transcript.entry(entry)
    if (entry.job.name === 'abort') this.#stopping(String(entry.input.job))
    if (isTask(entry.job)) this.#showTasks()
    if (!isOver(entry.state)) return
    this.decisions.over(entry.id)
    this.outbox.flush()
  }

  #stopping(request: string): void {
    const entry = this.ledger.get(request)
    if (entry !== undefined) this.transcript.stopping(turnIdOf(entry))
  }

  #draftChanged(id: string, draft: Draft | undefined): void {
    const { outlet, onPost } = this.#deps
    this.transcript.draft(id, draft)
    if (draft?.job === undefined) onPost(id, draft)
    this.#showTasks()
    outlet.slice('waiting', this.outbox.list().filter(({ error }) => error === undefined).length)
  }

  async #historyRead(): Promise<void> {
    await this.ledger.settled()
    this.#deps.loaded('jobs')
    this.outbox.flush()
  }

  /** After a reload, a request that was signed is a job already. */
  #known(event: NostrEvent): Promise<void> {
    return this.ledger.request(SignedEvent.open(event), false).catch(() => undefined)
  }

  #askAgain(request: string): void {
    this.#deps.link.subscribe({
      private: true,
      once: true,
      filters: [
        { kinds: [kind.checkpoint, kind.feedback, ...callableJobs.map((job) => job.kind + 1000)], '#e': [request] },
      ],
      onEvent: (event) => void this.ledger.take(event, true),
    })
  }
}
