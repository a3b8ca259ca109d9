import { settings as broker } from '#broker/settings'
import { given } from '#broker/supervisor/help'
import { settings as supervisor } from '#broker/supervisor/settings'
import { type Action, actionHash, DECISION_WINDOW } from '#nips/approval'
import { instanceIdOf, instanceShape, instanceStates } from '#nips/instance'
import type { JobContract } from '#nips/job'
import { REQUEST_WINDOW } from '#nips/job-events'
import { approval } from '#nips/jobs/approval'
import { jobs } from '#nips/jobs/index'
import { type KindRow, kinds } from '#nips/kinds'
import { canonicalJson } from '#nips/kit/bytes'
import { faults } from '#nips/kit/fault'
import type { Settings } from '#nips/kit/settings'
import { HEARTBEAT } from '#nips/service'
import { settings as relay } from '#relay/settings'
import { settings as worker } from '#workers/settings'
import { type Input, inputsOf, memberNames } from './inputs.ts'

/** A job and its inputs as a caller writes them. */
export type JobFacts = { readonly contract: JobContract; readonly inputs: readonly Input[] }
export type FaultFacts = { readonly code: string; readonly retry: boolean; readonly fix: string }
export type Program = {
  readonly name: string
  readonly about: string
  readonly settings: Settings
  /** Variables that `npm start` sets for it, whatever the environment says. */
  readonly given: ReadonlySet<string>
}
/** One value that a second implementation has to arrive at. */
export type Vector = { readonly what: string; readonly from: string; readonly to: string }

/** Everything the documents say that some table knows already. */
export type Facts = {
  readonly jobs: readonly JobFacts[]
  readonly kinds: readonly KindRow[]
  readonly faults: readonly FaultFacts[]
  readonly programs: readonly Program[]
  /** Bytes, counts and seconds, by the name under which the template asks for them. */
  readonly limits: Readonly<Record<string, number>>
  readonly instance: { readonly members: readonly string[]; readonly states: readonly string[] }
  readonly vectors: readonly Vector[]
}

/** Reads the tables of all parts. Nothing of it depends on the machine, the clock or the environment. */
export const collect = async (): Promise<Facts> => ({
  jobs: await Promise.all(jobs.map(async (contract) => ({ contract, inputs: await inputsOf(contract) }))),
  kinds,
  faults: Object.entries(faults).map(([code, { retry, fix }]) => ({ code, retry, fix })),
  programs: [
    {
      name: 'npm start',
      about: 'The supervisor, which starts the other three.',
      settings: supervisor,
      given: new Set(),
    },
    { name: 'relay', about: 'The Nostr relay: `node relay/main.ts`.', settings: relay, given },
    {
      name: 'broker',
      about: 'Gateways, sandboxes, models and the page: `node gateway-broker/main.ts`.',
      settings: broker,
      given,
    },
    { name: 'worker', about: 'Takes jobs and answers them: `node dvm-workers/main.ts`.', settings: worker, given },
  ],
  limits: {
    gateways: broker.perOwner.default ?? 0,
    window: REQUEST_WINDOW,
    deciding: DECISION_WINDOW,
    heartbeat: HEARTBEAT,
  },
  instance: { members: memberNames(instanceShape.shape), states: instanceStates },
  vectors: vectors(approval.example.input.action),
})

const vectors = (action: Action): Vector[] => [
  { what: 'The instance made by the job', from: action.job, to: instanceIdOf(action.job) },
  { what: '`x` of the action', from: canonicalJson(action), to: actionHash(action) },
]
