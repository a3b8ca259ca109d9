import { encodeDecision } from '#nips/approval'
import { type SignedEvent, tag } from '#nips/event'
import { decodeInstance, type Instance } from '#nips/instance'
import type { JobContract } from '#nips/job'
import { decodeAnswer, type JobAnswer } from '#nips/job-answers'
import { answersTo } from '#nips/job-events'
import { advance, asked, isOver, type JobState } from '#nips/job-state'
import { chat } from '#nips/jobs/chat'
import { jobs } from '#nips/jobs/index'
import { instanceDelete } from '#nips/jobs/instance-delete'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { kind } from '#nips/kinds'
import { systemClock } from '#nips/kit/clock'
import { linkTo } from './link.ts'
import { person, requestOf } from './person.ts'
import type { System } from './system.ts'
import { pause } from './wait.ts'

export type Requester = ReturnType<typeof requester>

/** A job somebody asked for, as it goes on. */
export class Asked {
  readonly request: SignedEvent
  readonly job: JobContract
  /** Every answer in the order it came, terminal ones included. */
  readonly answers: JobAnswer[] = []
  readonly #listeners = new Set<() => void>()
  #state: JobState = asked

  constructor(request: SignedEvent, job: JobContract) {
    this.request = request
    this.job = job
  }

  state(): JobState {
    return this.#state
  }

  take(answer: JobAnswer): void {
    this.answers.push(answer)
    this.#state = advance(this.#state, answer)
    for (const listener of [...this.#listeners]) listener()
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Resolves with its last state; fails after `ms`. */
  async end(ms = 90_000): Promise<JobState> {
    const over = new Promise<void>((resolve) => {
      this.onChange(() => isOver(this.#state) && resolve())
      if (isOver(this.#state)) resolve()
    })
    await Promise.race([over, pause(ms)])
    if (!isOver(this.#state))
      throw new Error(`${this.job.name} did not end in ${ms} ms: ${JSON.stringify(this.#state)}`)
    return this.#state
  }
}

type Asking = { idem?: string; encrypted?: boolean }

/** Somebody who uses a system through its relay alone, with the codecs of nips/. */
export function requester(system: Pick<System, 'relay' | 'discovery'>, { approves = true } = {}) {
  const me = person()
  const clock = systemClock()
  const { service } = system.discovery
  const link = linkTo(system.relay, me, clock)
  const instances = new Map<string, Instance>()
  const running = new Map<string, Asked>()
  const known = new Set<string>()

  const decide = (approval: SignedEvent, choice: 'approve' | 'deny') =>
    link.publish(me.sign(encodeDecision(approval, choice, { now: clock.now() })))

  const onAnswer = (event: SignedEvent) => {
    const about = running.get(tag(event, 'e') ?? '')
    if (known.has(event.id) || about === undefined) return
    known.add(event.id)
    if (event.kind !== kind.approvalRequest)
      void decodeAnswer(event, about.job, { cipher: me.cipher, peer: service }).then((answer) => about.take(answer))
    else if (approves) void decide(event, 'approve')
  }

  const answerKinds = [
    ...new Set([kind.approvalRequest, ...jobs.flatMap((job) => answersTo({ id: '', kind: job.kind }))]),
  ]
  link.subscribe({
    private: true,
    filters: [{ kinds: answerKinds, authors: [service], '#p': [me.pubkey] }],
    onEvent: onAnswer,
  })
  link.subscribe({
    private: true,
    filters: [{ kinds: [kind.instance], '#p': [me.pubkey] }],
    onEvent: (event) => {
      const instance = decodeInstance(event)
      instances.set(instance.id, instance)
    },
  })

  /** Signs a request without sending it. */
  const prepare = async (
    job: JobContract,
    input: Record<string, unknown>,
    { idem = crypto.randomUUID(), encrypted = true }: Asking = {},
  ) => {
    const request = await requestOf(job, input, { by: me, to: service, now: clock.now(), idem, encrypted })
    const prepared = new Asked(request, job)
    running.set(request.id, prepared)
    return prepared
  }

  const ask = async (job: JobContract, input: Record<string, unknown>, asking: Asking = {}): Promise<Asked> => {
    const prepared = await prepare(job, input, asking)
    await link.publish(prepared.request)
    return prepared
  }

  /** A gateway of one's own, ready. */
  const provision = async (): Promise<string> => {
    const state = await (await ask(instanceProvision, {})).end(150_000)
    if (state.output === undefined) throw new Error(`no gateway: ${JSON.stringify(state.failure)}`)
    return String(state.output.instance)
  }

  return {
    ...{ me, link, instances, prepare, ask, decide, provision },
    say: (instance: string, text: string) => ask(chat, { instance, text }),
    remove: async (instance: string) => (await ask(instanceDelete, { instance })).end(),
    close: () => link.close(),
  }
}
