import { encodeHttpAuth, httpAuthHeader } from '#nips/nip98'
import type { Person } from './events.ts'
import type { TestRelay } from './served.ts'

/** What a request to manage a relay is answered with. */
export type Managed = { status: number; result?: unknown; error?: string }

export type Token = {
  by: Person
  url?: string
  /** What the token says the body is. */
  payload?: string
  nonce?: string
  method?: string
  at?: number
  header?: string
}

let serial = 0

/** Asks the relay as an admin's program would (NIP-86); `token` may be wrong in every way. */
export async function ask(relay: TestRelay, body: string, token: Token): Promise<Managed> {
  serial += 1
  const { by, url = relay.http, payload = body, nonce = String(serial), method = 'POST' } = token
  const call = { method, url, body: new TextEncoder().encode(payload) }
  const template = encodeHttpAuth(call, token.at ?? relay.clock.now(), nonce)
  const answer = await fetch(relay.http, {
    method: 'POST',
    headers: {
      'content-type': 'application/nostr+json+rpc',
      authorization: token.header ?? httpAuthHeader(by.sign(template)),
    },
    body,
  })
  return { status: answer.status, ...((await answer.json()) as object) }
}

/** Calls one method and gives its result; throws what the relay says is wrong. */
export async function manage(relay: TestRelay, method: string, ...params: unknown[]): Promise<unknown> {
  const { result, error } = await ask(relay, JSON.stringify({ method, params }), { by: relay.operator })
  if (error !== undefined) throw new Error(error)
  return result
}
