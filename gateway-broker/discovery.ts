import { type Discovery, discoveryJobs } from '#nips/discovery'
import { defaultFilterLimits } from '#nips/filter'
import { REQUEST_WINDOW } from '#nips/job-events'
import { chat } from '#nips/jobs/chat'
import { Fault } from '#nips/kit/fault'
import { type Deployment, keysOf, type Role } from '#nips/service'

export type DiscoveryDeps = {
  deployment: Deployment
  publicUrl: string
  relay: string
  version: string
  perOwner: number
}

/** The document at `/.well-known/openagents.json`. */
export const discoveryOf = ({ deployment, publicUrl, relay, version, perOwner }: DiscoveryDeps): Discovery => ({
  name: 'OpenAgents',
  version,
  relay,
  service: only(deployment, 'service'),
  operator: deployment.operator,
  relayKey: only(deployment, 'relay'),
  skill: `${publicUrl}/SKILL.md`,
  jobs: discoveryJobs(),
  limits: {
    maxMessageLength: 131_072,
    maxSubscriptions: 64,
    maxFilters: 10,
    maxLimit: defaultFilterLimits.maxLimit,
    maxChatText: chat.input.shape.text.maxLength ?? 0,
    instancesPerOwner: perOwner,
    requestWindow: REQUEST_WINDOW,
  },
})

function only(deployment: Deployment, role: Role): string {
  const [key] = keysOf(deployment, role)
  if (key === undefined) throw new Fault('invalid', `the deployment lists no key with role ${role}`)
  return key
}
