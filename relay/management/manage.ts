import { ZodError } from 'zod'
import type { Clock } from '#nips/kit/clock'
import { Fault, type FaultCode, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { readManagementCall, requireManagementAuth } from '#nips/nip86'
import { HTTP_AUTH_WINDOW } from '#nips/nip98'
import type { Rates } from '../rates/rates.ts'
import type { Reader } from '../read-rules.ts'
import type { Claim } from '../verify/verifier.ts'
import type { Office } from './method.ts'
import { methods } from './methods.ts'
import { reportedEvents } from './reports.ts'

export type ManageDeps = Omit<Office, 'reported'> & {
  readonly clock: Pick<Clock, 'now'>
  readonly hosts: () => readonly string[]
  readonly readerFor: (keys: ReadonlySet<string>) => Reader
  /** Whether a signature is right. */
  readonly signed: (claim: Claim) => Promise<boolean>
  readonly rates: Pick<Rates, 'event'>
  readonly breathe: () => Promise<void>
  readonly log: Log
}

/** Answers a request to manage the relay (NIP-86) that came from `remote`; `body` reads what it says. Never rejects. */
export type Manage = (request: Request, remote: string, body: () => Promise<string>) => Promise<Response>

/** What is said by the status of the answer, as far as the door and not the method says it. */
const doorCodes: ReadonlySet<FaultCode> = new Set(['unauthenticated', 'unauthorized', 'too-large', 'rate-limited'])

/** The door for admins. One call runs at a time, so that two admins do not undo each other's work. */
export function createManage(deps: ManageDeps): Manage {
  const { clock, log, isAdmin, hosts } = deps
  /** Ids of tokens that were used, and until when they would be good. Older ones than this program are not taken. */
  const used = new Map<string, number>()
  const since = clock.now()
  let turn: Promise<unknown> = Promise.resolve()

  async function requireAdmin(request: Request, body: string): Promise<string> {
    const now = clock.now()
    const header = request.headers.get('authorization') ?? undefined
    const asked = { hosts: hosts(), body, now, signed: deps.signed }
    const { id, pubkey, created_at } = await requireManagementAuth(header, asked)
    for (const [old, until] of used) if (until < now) used.delete(old)
    if (used.has(id) || created_at < since) throw new Fault('unauthenticated', 'replayed: this token has been used')
    used.set(id, created_at + HTTP_AUTH_WINDOW)
    if (!isAdmin(pubkey)) throw new Fault('unauthorized', 'this key does not run the relay')
    return pubkey
  }

  async function call(body: string, pubkey: string): Promise<unknown> {
    const { method, params } = readManagementCall(body)
    const found = methods.find(({ name }) => name === method)
    if (found === undefined) throw new Fault('not-found', 'there is no such method')
    const result = await found.call(params, { ...deps, reported: () => reported(pubkey, deps) })
    log('relay.managed', { method, by: pubkey })
    return result
  }

  return async (request, remote, read) => {
    try {
      deps.rates.event(remote)
      const body = await read()
      const pubkey = await requireAdmin(request, body)
      const mine = turn.then(() => call(body, pubkey))
      turn = mine.catch(() => undefined)
      return answer(200, { result: await mine })
    } catch (thrown) {
      const fault = faultOf(thrown)
      if (fault.code === 'internal') log('manage.failed', { cause: fault })
      return answer(doorCodes.has(fault.code) ? fault.status : 200, { error: fault.message })
    }
  }
}

const reported = (pubkey: string, { store, readerFor, clock, rules, breathe }: ManageDeps) =>
  reportedEvents({
    store,
    reader: readerFor(new Set([pubkey])),
    now: clock.now(),
    isIgnored: (key) => rules.list('banned-pubkeys').has(key),
    breathe,
  })

/** What is wrong with the parameters, in one line. */
function faultOf(thrown: unknown): Fault {
  if (!(thrown instanceof ZodError)) return toFault(thrown)
  const [issue] = thrown.issues
  return new Fault('invalid', `params${(issue?.path ?? []).map((at) => `[${String(at)}]`).join('')}: ${issue?.message}`)
}

const answer = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  })
