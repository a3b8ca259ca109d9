import type { SignedEvent } from '#nips/event'
import { Fault } from '#nips/kit/fault'
import { workOf } from '#nips/nip13'
import { isOurs } from './our-keys.ts'
import type { Judging, Policy } from './policy.ts'

/** A refusal under NIP-01's prefix for it. */
class NotEnoughWork extends Fault {
  constructor(message: string) {
    super('unauthorized', message)
  }

  override get reason(): string {
    return `pow: ${this.message}`
  }
}

/** NIP-13: strangers show that they have worked for an event before it is taken. */
export const requireWork: Policy = (event, judging) =>
  judging.limits.minPow === 0 ? undefined : refuseIdle(event, judging)

async function refuseIdle(event: SignedEvent, judging: Judging): Promise<Fault | undefined> {
  const [work, needed] = [workOf(event), judging.limits.minPow]
  if (work >= needed || (await isKnown([event.pubkey, ...judging.reader.keys], judging))) return undefined
  return new NotEnoughWork(`difficulty ${work} is less than ${needed}`)
}

/** A key of the deployment, or one that has stored something here; the author's own, or one that has signed in. */
async function isKnown(keys: readonly string[], judging: Judging): Promise<boolean> {
  if (keys.some((key) => isOurs(key, judging))) return true
  for (const key of keys) if ((await judging.usages.of(key)).events > 0) return true
  return false
}
