import { encodeDecision } from '#nips/approval'
import type { SignedEvent } from '#nips/event'
import { decodeInstance, type Instance } from '#nips/instance'
import type { JobContract } from '#nips/job'
import { decodeAnswer, type JobAnswer } from '#nips/job-answers'
import { answersTo } from '#nips/job-events'
import { advance, asked, isOver, type JobState } from '#nips/job-state'
import { chat } from '#nips/jobs/chat'
import { instanceDelete } from '#nips/jobs/instance-delete'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { kind } from '#nips/kinds'
import { systemClock } from '#nips/kit/clock'
import { RelayLink } from '#nips/relay-link'
import { person, requestOf } from './person.ts'
import type { System } from './system.ts'
import { until } from './wait.ts'

/** A job somebody asked for, as it goes on. */
export type Asked = {
  request: SignedEvent
  state: () => JobState
  /** Every answer in the order it came, terminal ones included. */
  answers: JobAnswer[]
  /** Resolves with its last state. */
  end: (ms?: number) => Promise<JobState>
}

export type Requester = ReturnType<typeof requester>

/** Somebody who uses a system through its relay alone, with the codecs of nips/. */
export function requester(system: Pick<System, 'relay' | 'discovery'>, { approves = true } = {}) {
  const me = person()
  const clock = systemClock()
  const { service } = system.discovery
  const link = new RelayLink({ url: system.relay, open: (url) => new WebSocket(url), clock, signer: me })
  const instances = new Map<string, Instance>()
  const seen: SignedEvent[] = []

  link.subscribe([{ kinds: [kind.instance], '#p': [me.pubkey] }], {
    onEvent: (event) => {
      const instance = decodeInstance(event)
      instances.set(instance.id, instance)
    },
  })

  const decide = (approval: SignedEvent, choice: 'approve' | 'deny') =>
    link.publish(me.sign(encodeDecision(approval, choice, { now: clock.now() })))

  const follow = (request: SignedEvent, job: JobContract): Asked => {
    let state: JobState = asked
    const answers: JobAnswer[] = []
    const known = new Set<string>()
    const onEvent = (event: SignedEvent) => {
      if (known.has(event.id)) return
      known.add(event.id)
      seen.push(event)
      if (event.kind === kind.approvalRequest) {
        if (approves) void decide(event, 'approve')
        return
      }
      void decodeAnswer(event, job, { cipher: me.cipher, peer: service }).then((answer) => {
        answers.push(answer)
        state = advance(state, answer)
      })
    }
    link.subscribe([{ kinds: [...answersTo(request), kind.approvalRequest], authors: [service], '#e': [request.id] }], {
      onEvent,
    })
    const end = (ms = 90_000) => until(`the end of ${job.name}`, () => isOver(state) && state, ms)
    return { request, answers, state: () => state, end }
  }

  const ask = async (
    job: JobContract,
    input: Record<string, unknown>,
    { idem = crypto.randomUUID(), encrypted = true } = {},
  ): Promise<Asked> => {
    const request = await requestOf(job, input, { by: me, to: service, now: clock.now(), idem, encrypted })
    const followed = follow(request, job)
    await link.publish(request)
    return followed
  }

  /** A gateway of one's own, ready. */
  const provision = async (): Promise<string> => {
    const state = await (await ask(instanceProvision, {})).end(150_000)
    if (state.output === undefined) throw new Error(`no gateway: ${JSON.stringify(state.failure)}`)
    return String(state.output.instance)
  }

  return {
    ...{ me, link, instances, seen, ask, follow, decide, provision },
    say: (instance: string, text: string) => ask(chat, { instance, text }),
    remove: async (instance: string) => (await ask(instanceDelete, { instance })).end(),
    close: () => link.close(),
  }
}
