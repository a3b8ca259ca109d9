import { MANAGEMENT_TYPE } from '#nips/nip86'
import type { Relay } from '../relay.ts'
import { nodeInfo, nodeInfoLinks } from './node-info.ts'
import { welcome } from './welcome.ts'

/** One HTTP request as a route sees it. */
export type Visit = {
  readonly request: Request
  readonly url: URL
  /** The client's IP address, as far as the server can tell. */
  readonly remote: string
  readonly relay: Relay
  /** The body as text; throws `too-large` beyond the relay's limit for a message. */
  readonly body: () => Promise<string>
}

/** One thing that is answered over HTTP. The first row that fits answers; HEAD is answered as GET. */
export type Route = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** A media type that `Accept` (of a POST `Content-Type`) has to name; absent: whatever it says. */
  readonly type?: string
  answer(visit: Visit): Response | Promise<Response>
}

const typed = (type: string, text: string): Response => new Response(text, { headers: { 'Content-Type': type } })

export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    type: 'application/nostr+json',
    answer: ({ relay }) => typed('application/nostr+json', JSON.stringify(relay.info)),
  },
  {
    method: 'POST',
    path: '/',
    type: MANAGEMENT_TYPE,
    answer: ({ relay, request, remote, body }) => relay.manage(request, remote, body),
  },
  { method: 'GET', path: '/', answer: ({ relay }) => typed('text/html; charset=utf-8', welcome(relay.info)) },
  {
    method: 'GET',
    path: '/metrics',
    answer: ({ relay }) => typed('text/plain; version=0.0.4; charset=utf-8', relay.metrics.text()),
  },
  { method: 'GET', path: '/.well-known/nodeinfo', answer: ({ url }) => Response.json(nodeInfoLinks(url)) },
  { method: 'GET', path: '/nodeinfo/2.1', answer: ({ relay }) => Response.json(nodeInfo(relay.info)) },
  { method: 'GET', path: '/healthz', answer: () => Response.json({ ok: true }) },
]
