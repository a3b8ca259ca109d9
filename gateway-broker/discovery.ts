import { type Discovery, discoveryJobs } from '#nips/discovery'
import { REQUEST_WINDOW } from '#nips/job-events'
import { MAX_CHAT_TEXT } from '#nips/jobs/chat'
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
    maxChatText: MAX_CHAT_TEXT,
    instancesPerOwner: perOwner,
    requestWindow: REQUEST_WINDOW,
  },
})

function only(deployment: Deployment, role: Role): string {
  const [key] = keysOf(deployment, role)
  if (key === undefined) throw new Fault('invalid', `the deployment lists no key with role ${role}`)
  return key
}
