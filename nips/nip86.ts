import { utf8 } from '@scure/base'
import { z } from 'zod'
import type { SignedEvent } from './event.ts'
import type { NostrEvent } from './keys.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'
import { hostOf } from './nip42.ts'
import { requiringHttpAuth } from './nip98.ts'

/** The media type of a request that manages a relay. */
export const MANAGEMENT_TYPE = 'application/nostr+json+rpc'

const shape = z.object({ method: z.string().max(64), params: z.array(z.unknown()).max(16).default([]) })
export type ManagementCall = z.output<typeof shape>

/** Reads the body of a request. Throws `invalid`. */
export function readManagementCall(body: string): ManagementCall {
  const parsed = shape.safeParse(parseJson(body))
  if (!parsed.success) throw new Fault('invalid', 'the body has to be {"method": …, "params": […]}')
  return parsed.data
}

export type ManagementAuth = {
  readonly hosts: readonly string[]
  readonly body: string
  /** Seconds. */
  readonly now: number
  /** Whether a signature is right. */
  readonly signed: (event: Readonly<NostrEvent>) => Promise<boolean>
}

/**
 * NIP-86: who asks. A NIP-98 token whose `u` is the relay's URL, in its ws or its http spelling, and whose `payload`
 * is there. `hosts` are the relay's own. Throws `unauthenticated`; remembering tokens is the caller's part.
 */
export async function requireManagementAuth(
  header: string | undefined,
  { hosts, body, now, signed }: ManagementAuth,
): Promise<SignedEvent> {
  if (body === '') throw new Fault('unauthenticated', 'payload-mismatch: the request has no body')
  const isOurs = (url: string) => /^\w+:\/\/[^/?#]+\/?$/.test(url) && hosts.includes(hostOf(url) ?? '')
  return requiringHttpAuth(header, { method: 'POST', url: isOurs, body: utf8.decode(body), now }, signed)
}
