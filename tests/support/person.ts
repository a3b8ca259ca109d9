import { encodeApprovalRequest, encodeDecision } from '#nips/approval'
import { keyCipher } from '#nips/cipher'
import { SignedEvent } from '#nips/event'
import type { JobContract } from '#nips/job'
import { encodeRequest } from '#nips/job-events'
import { type EventTemplate, generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'

/** Somebody with a new key: a person, an agent or a service. */
export type Person = ReturnType<typeof person>

export function person() {
  const secretKey = generateSecretKey()
  return {
    secretKey,
    pubkey: publicKeyOf(secretKey),
    cipher: keyCipher(secretKey),
    /** Signed, and opened again as a receiver would. */
    sign: (template: EventTemplate): SignedEvent => SignedEvent.open(signEvent(template, secretKey)),
  }
}

type Asking = { by: Person; to: string; now: number; encrypted?: boolean; idem?: string }

/** A signed request for a job. */
export async function requestOf(
  job: JobContract,
  input: Record<string, unknown>,
  { by, to, now, encrypted, idem }: Asking,
): Promise<SignedEvent> {
  const template = await encodeRequest({
    job,
    input,
    service: to,
    now,
    ...(idem === undefined ? {} : { idem }),
    ...((encrypted ?? job.encryption === 'required') ? { cipher: by.cipher } : {}),
  })
  return by.sign(template)
}

type Action = Parameters<typeof encodeApprovalRequest>[0]

/** What the service asks about an action, and what its approver answers. */
export async function decided(
  action: Action,
  choice: 'approve' | 'deny',
  { service, approver, now }: { service: Person; approver: Person; now: number },
) {
  const approval = service.sign(await encodeApprovalRequest(action, approver.pubkey, { service: service.pubkey, now }))
  return { approval, decision: approver.sign(encodeDecision(approval, choice, { now })) }
}
