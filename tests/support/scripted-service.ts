import { type Action, encodeApprovalRequest, judgeDecision, readApprovalRequest } from '#nips/approval'
import { keyCipher } from '#nips/cipher'
import { onlyTag, type SignedEvent } from '#nips/event'
import { encodeInstance, type Instance, instanceIdOf } from '#nips/instance'
import {
  type Answering,
  encodeCheckpoint,
  encodeDelta,
  encodeFailure,
  encodeProgress,
  encodeResult,
  encodeStep,
} from '#nips/job-answers'
import { decodeRequest, type JobRequest } from '#nips/job-events'
import { callableJobs, jobOfKind } from '#nips/jobs/index'
import { type EventTemplate, type NostrEvent, publicKeyOf, signEvent } from '#nips/keys'
import { kind, storageOf } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import { Fault, type FaultCode, toFault } from '#nips/kit/fault'
import type { RelayLink } from '#nips/relay-link'
import { encodeHeartbeat, type Health } from '#nips/service'
import { linkTo } from './link.ts'

/** What a chat is answered with: pieces with a pause between them, and perhaps a failure instead of a result. */
export type Answer = { pieces: string[]; pause: number; fail?: { code: FaultCode; message: string } }

export type Script = {
  health: Health
  answer: (text: string) => Answer
  /** Milliseconds each phase of a provision takes. */
  phase: number
  /** Ends every provision with this. */
  provisionFails?: { code: FaultCode; message: string }
}

type Run = { request: JobRequest; text: string; stop: AbortController }

/**
 * A service that speaks the real protocol and does nothing behind it: it answers jobs as its script says.
 * For tests of clients; it keeps one thing true, that a decision is needed where the contract says so.
 */
export class ScriptedService {
  readonly script: Script
  readonly pubkey: string
  /** Every request that was taken, once each. */
  readonly requests: JobRequest[] = []
  readonly #key: Uint8Array
  readonly #clock: Clock
  readonly #link: RelayLink
  readonly #instances = new Map<string, Instance>()
  readonly #intents = new Map<string, string>()
  readonly #runs = new Map<string, Run>()
  readonly #decisions = new Map<string, (event: SignedEvent) => void>()
  #rev = 0
  #lastAt = 0
  #isOver = false

  constructor({ url, secretKey, clock, script }: { url: string; secretKey: Uint8Array; clock: Clock; script: Script }) {
    this.script = script
    this.#key = secretKey
    this.#clock = clock
    this.pubkey = publicKeyOf(secretKey)
    this.#link = linkTo(url, { sign: (template) => signEvent(template, secretKey) }, clock)
  }

  /** Resolves when it hears requests. */
  open(): Promise<void> {
    const kinds = callableJobs.map((job) => job.kind)
    return new Promise((resolve) => {
      this.#link.subscribe({
        private: true,
        filters: [
          { kinds, '#p': [this.pubkey] },
          { kinds: [kind.decision], '#p': [this.pubkey] },
        ],
        onEvent: (event) => void this.#event(event),
        onStored: () => {
          this.beat()
          resolve()
        },
      })
    })
  }

  close(): void {
    this.#isOver = true
    for (const { stop } of this.#runs.values()) stop.abort()
    this.#link.close()
  }

  beat(): void {
    this.#publish(encodeHeartbeat(this.script.health, this.#clock.now()))
  }

  /** Changes what a gateway says about itself. */
  tell(id: string, change: Partial<Instance>): void {
    const known = this.#instances.get(id)
    if (known === undefined) throw new Error(`no instance ${id}`)
    const shown = { ...known, ...change }
    this.#instances.set(id, shown)
    this.#rev += 1
    this.#lastAt = Math.max(this.#clock.now(), this.#lastAt + 1)
    this.#publish(encodeInstance(shown, this.#lastAt, this.#rev))
  }

  instances(): Instance[] {
    return [...this.#instances.values()]
  }

  /** Asks an owner about something that nobody has confirmed anywhere. */
  async ask(owner: string, action: Action): Promise<string> {
    const asking = { service: this.pubkey, now: this.#clock.now() }
    return this.#publish(await encodeApprovalRequest(action, owner, asking)).id
  }

  async #event(event: SignedEvent): Promise<void> {
    if (event.kind === kind.decision) {
      this.#decisions.get(onlyTag(event, 'e'))?.(event)
      return
    }
    const job = jobOfKind(event.kind)
    if (job === undefined || this.requests.some(({ event: { id } }) => id === event.id)) return
    const request = await decodeRequest(event, job, { pubkey: this.pubkey, cipher: keyCipher(this.#key) })
    this.requests.push(request)
    const run: Run = { request, text: '', stop: new AbortController() }
    this.#runs.set(event.id, run)
    try {
      await this.#progress(run, 'accepted')
      const first = this.#firstOf(request)
      if (first !== event.id) await this.#progress(run, 'accepted', [['same-as', first]])
      else await this.#answer(run, await this.#work(run))
    } catch (thrown) {
      if (!this.#isOver) this.#publish(await encodeFailure(this.#answering(run), toFault(thrown), run.text))
    } finally {
      this.#runs.delete(event.id)
    }
  }

  /** The first request with the same intent. */
  #firstOf({ event, idem }: JobRequest): string {
    if (idem === undefined) return event.id
    const name = `${event.pubkey}/${event.kind}/${idem}`
    const first = this.#intents.get(name) ?? event.id
    this.#intents.set(name, first)
    return first
  }

  async #work(run: Run): Promise<Record<string, unknown>> {
    switch (run.request.job.name) {
      case 'instance.provision':
        return this.#provision(run)
      case 'instance.delete':
        return this.#delete(run)
      case 'chat':
        return this.#chat(run)
      case 'abort':
        return this.#abort(run)
      default:
        throw new Fault('invalid', 'not in this script')
    }
  }

  async #provision(run: Run): Promise<Record<string, unknown>> {
    const { request } = run
    const id = instanceIdOf(request.event.id)
    await this.#decided(run, id)
    const { openclaw, model, driver } = this.script.health
    const begun = this.#clock.millis()
    const shown = { version: openclaw.version, model: model.name, offline: model.offline, driver: driver.name }
    const slug = String(request.input.slug)
    this.#instances.set(id, {
      id,
      slug,
      owners: [request.event.pubkey],
      state: 'provisioning',
      incarnation: 1,
      ...shown,
    })
    for (const phase of Object.keys(request.job.phases)) {
      await this.#progress(run, phase)
      if (phase === 'installing') await this.#install(run)
      if (phase === 'starting') this.tell(id, { state: 'starting' })
      await this.#clock.sleep(this.script.phase, run.stop.signal)
    }
    const fails = this.script.provisionFails
    if (fails !== undefined) {
      this.tell(id, { state: 'deleted' })
      throw new Fault(fails.code, fails.message)
    }
    this.tell(id, { state: 'ready', since: this.#clock.now() })
    const seconds = Math.max(0.1, (this.#clock.millis() - begun) / 1000)
    return { instance: id, slug, version: shown.version, model: shown.model, driver: shown.driver, seconds }
  }

  async #install(run: Run): Promise<void> {
    for (const progress of [0.2, 0.6, 0.9]) {
      this.#publish(await encodeStep(this.#answering(run), { phase: 'installing', progress }))
      await this.#clock.sleep(this.script.phase / 3, run.stop.signal)
    }
  }

  async #delete(run: Run): Promise<Record<string, unknown>> {
    const instance = String(run.request.input.instance)
    await this.#decided(run, instance)
    this.tell(instance, { state: 'deleting' })
    for (const phase of Object.keys(run.request.job.phases)) {
      await this.#progress(run, phase)
      await this.#clock.sleep(this.script.phase, run.stop.signal)
    }
    this.tell(instance, { state: 'deleted' })
    return { instance, existed: true }
  }

  async #chat(run: Run): Promise<Record<string, unknown>> {
    const { pieces, pause, fail } = this.script.answer(String(run.request.input.text))
    await this.#progress(run, 'running')
    let kept = this.#clock.millis()
    for (const [seq, piece] of pieces.entries()) {
      await this.#pause(pause, run)
      run.text += piece
      this.#publish(await encodeDelta(this.#answering(run), seq, piece))
      if (this.#clock.millis() - kept < 500) continue
      kept = this.#clock.millis()
      this.#publish(await encodeCheckpoint(this.#answering(run), seq, run.text))
    }
    if (fail !== undefined) throw new Fault(fail.code, fail.message)
    return { text: run.text, model: this.script.health.model.name, inputTokens: 100, outputTokens: pieces.length }
  }

  async #pause(ms: number, { stop }: Run): Promise<void> {
    await this.#clock.sleep(ms, stop.signal).catch(() => undefined)
    if (stop.signal.aborted) throw new Fault('cancelled', 'ended by its owner')
  }

  async #abort({ request }: Run): Promise<Record<string, unknown>> {
    const job = String(request.input.job)
    const run = this.#runs.get(job)
    run?.stop.abort()
    return { job, aborted: run !== undefined }
  }

  /** Asks for the decision about exactly this request and waits for it. */
  async #decided(run: Run, instance: string): Promise<void> {
    const { event, job, input } = run.request
    const args = input as Action['args']
    const action = { type: job.name, instance, args, job: event.id, requester: event.pubkey }
    const now = this.#clock.now()
    const sealing = run.request.encrypted ? { cipher: keyCipher(this.#key) } : {}
    const asked = this.#publish(
      await encodeApprovalRequest(action, event.pubkey, { service: this.pubkey, now, ...sealing }),
    )
    const decision = new Promise<SignedEvent>((resolve) => this.#decisions.set(asked.id, resolve))
    await this.#progress(run, 'approval-required', [['approval', asked.id]])
    const choice = judgeDecision(await decision, {
      request: readApprovalRequest(asked),
      service: this.pubkey,
      now: this.#clock.now(),
      mayDecide: () => true,
    })
    if (choice === 'deny') throw new Fault('denied', 'the owner said no')
    await this.#progress(run, 'approved')
  }

  async #progress(run: Run, phase: string, more: string[][] = []): Promise<void> {
    this.#publish(await encodeProgress(this.#answering(run), phase, more))
  }

  async #answer(run: Run, output: Record<string, unknown>): Promise<void> {
    this.#publish(await encodeResult(this.#answering(run), output))
  }

  #answering({ request }: Run): Answering {
    return { request, cipher: keyCipher(this.#key), now: this.#clock.now() }
  }

  #publish(template: EventTemplate): NostrEvent {
    const event = signEvent(template, this.#key)
    if (storageOf(event.kind) === 'ephemeral') this.#link.send(event)
    else this.#link.publish(event).catch(() => undefined)
    return event
  }
}
