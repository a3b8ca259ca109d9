import { SignedEvent } from '#nips/event'
import { Fault } from '#nips/kit/fault'
import { type Deployment, decodeDeployment } from '#nips/service'

/**
 * Reads the signed list of this deployment's keys. `operator` is whose signature it has to carry, '' for anybody's.
 * Throws `invalid` for text that is not such a list, `unauthorized` for a list of somebody else's.
 */
export function openDeployment(text: string, operator: string): Deployment {
  const deployment = decodeDeployment(SignedEvent.open(text))
  if (operator !== '' && deployment.operator !== operator)
    throw new Fault('unauthorized', 'the deployment is not signed by the operator')
  return deployment
}
