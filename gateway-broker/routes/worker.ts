import { Fault } from '#nips/kit/fault'
import type { BrokerDeps } from '../app.ts'
import { callerOf } from '../auth.ts'

/** Only a key that the deployment lists as `service` passes. */
export async function requireWorker(request: Request, deps: BrokerDeps): Promise<{ pubkey: string; body: Uint8Array }> {
  const caller = await callerOf(request, deps.auth)
  if (deps.deployment.keys.get(caller.pubkey) !== 'service')
    throw new Fault('unauthorized', 'this key is no worker of this deployment')
  return caller
}
