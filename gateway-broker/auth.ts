import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { HTTP_AUTH_WINDOW, replayKey, requireHttpAuth } from '#nips/nip98'
import type { BrokerStore } from './store/store.ts'

/** Bytes a call may carry. */
const MAX_BODY = 1_048_576

export type AuthDeps = {
  /** The broker's own address as its callers are told it; a Host header is never asked. */
  origin: string
  store: Pick<BrokerStore, 'claim'>
  clock: Clock
}

/** Who signed this call (strict NIP-98, each token once), and its body as bytes. Throws `unauthenticated` naming the check. */
export async function callerOf(
  request: Request,
  { origin, store, clock }: AuthDeps,
): Promise<{ pubkey: string; body: Uint8Array }> {
  const body = await readBody(request)
  const { pathname, search } = new URL(request.url)
  const call = { method: request.method, url: `${origin}${pathname}${search}`, body }
  const now = clock.now()
  const token = requireHttpAuth(request.headers.get('authorization') ?? undefined, call, now)
  const fresh = store.claim(replayKey(token, request.method), token.created_at + HTTP_AUTH_WINDOW + 1, now)
  if (!fresh) throw new Fault('unauthenticated', 'replayed: this token has been used')
  return { pubkey: token.pubkey, body }
}

async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY)
    throw new Fault('too-large', `a body has at most ${MAX_BODY} bytes`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > MAX_BODY) throw new Fault('too-large', `a body has at most ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
