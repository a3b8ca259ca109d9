import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Relay } from '../relay.ts'
import { type Route, routes, type Visit } from './routes.ts'

/** Milliseconds the body of a request may take to arrive. */
const BODY = 15_000

export type AnswerDeps = { relay: Relay; log: Log; clock: Pick<Clock, 'sleep'> }

/** Answers one HTTP request that is no WebSocket; `remote` is the client's address. Never rejects. */
export type Answer = (request: Request, remote: string) => Promise<Response>

export const createAnswer =
  (deps: AnswerDeps): Answer =>
  async (request, remote) => {
    const response = await find(request, remote, deps).catch((thrown: unknown) => {
      const fault = toFault(thrown)
      if (fault.code === 'internal') deps.log('http.failed', { cause: fault })
      return refusal(request, fault.status, fault.message)
    })
    for (const [name, value] of cors) response.headers.set(name, value)
    return response
  }

async function find(request: Request, remote: string, { relay, clock }: AnswerDeps): Promise<Response> {
  if (request.method === 'OPTIONS') return new Response(null, { status: 204 })
  const url = new URL(request.url)
  const here = routes.filter(({ path }) => path === url.pathname)
  if (here.length === 0) return refusal(request, 404, 'Not found. The relay is at /.')
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const route = here.find((row) => row.method === method && speaks(row, request))
  if (!route) return refusal(request, 405, `${[...new Set(here.map((row) => row.method))].join(' and ')} only.`)
  const body = () => inTime(readBody(request, relay.limits.maxMessageLength), clock)
  const visit: Visit = { request, url, remote, relay, body }
  return route.answer(visit)
}

function speaks({ method, type }: Route, { headers }: Request): boolean {
  if (type === undefined) return true
  return (headers.get(method === 'POST' ? 'content-type' : 'accept') ?? '').includes(type)
}

/** Says no in the form that was asked for. */
function refusal({ headers }: Request, status: number, message: string): Response {
  if (headers.get('accept')?.includes('json')) return Response.json({ error: message }, { status })
  return new Response(`${message}\n`, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
}

/** Nobody holds a request by sending it slowly. */
async function inTime<T>(work: Promise<T>, clock: Pick<Clock, 'sleep'>): Promise<T> {
  const done = new AbortController()
  const late = clock.sleep(BODY, done.signal).then(() => {
    throw new Fault('timed-out', 'The body took too long.')
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    done.abort()
  }
}

async function readBody(request: Request, most: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [text, size] = ['', 0]
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > most) throw new Fault('too-large', `The body is larger than ${most} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Every web page may ask. */
const cors = [
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Allow-Headers', '*, Authorization'],
  ['Access-Control-Allow-Methods', 'GET, HEAD, POST, OPTIONS'],
  ['Vary', 'Accept'],
] as const
