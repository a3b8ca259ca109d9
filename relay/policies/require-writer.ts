import { type SignedEvent, tagValues } from '#nips/event'
import { kind, ruleOf, type Writers } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import type { Judging, Policy } from './policy.ts'

const rules: Record<Writers, Policy> = {
  anyone: () => undefined,
  service: (event, { deployment }) =>
    deployment?.keys.get(event.pubkey) === 'service'
      ? undefined
      : new Fault('unauthorized', `only a service of this deployment may publish kind ${event.kind}`),
  approver: async (event, judging) =>
    (await wasAsked(event, judging))
      ? undefined
      : new Fault('unauthorized', 'this key was not asked to decide about it'),
  relay: (event) => new Fault('unauthorized', `kind ${event.kind} is written by the relay itself`),
  nobody: (event) => new Fault('conflict', `kind ${event.kind} proves who somebody is and is never published`),
}

/** Who may write a kind here, from the table of kinds. */
export const requireWriter: Policy = (event, judging) => rules[ruleOf(event.kind).writers](event, judging)

/** Whether the approval request named in `e` is one of our services' and asks this key. Does not tell which is not so. */
async function wasAsked(decision: SignedEvent, { find, deployment }: Judging): Promise<boolean> {
  const [id, ...more] = tagValues(decision, 'e')
  if (id === undefined || more.length > 0 || !/^[0-9a-f]{64}$/.test(id)) return false
  const request = await find(id)
  return (
    request?.kind === kind.approvalRequest &&
    deployment?.keys.get(request.pubkey) === 'service' &&
    tagValues(request, 'p').includes(decision.pubkey)
  )
}
