import { Hono } from 'hono'
import type { Discovery } from '#nips/discovery'
import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Deployment, Health } from '#nips/service'
import type { AuthDeps } from './auth.ts'
import type { Instances } from './instances/instances.ts'
import type { OpenClawRuntime } from './openclaw/runtime.ts'
import type { Desk } from './operations/desk.ts'
import { feedRoutes } from './routes/feed.ts'
import { jobRoutes } from './routes/jobs.ts'
import { type PageFiles, pageRoutes } from './routes/page.ts'
import { statusRoutes } from './routes/status.ts'
import type { Show } from './show.ts'

export type BrokerDeps = {
  auth: AuthDeps
  deployment: Deployment
  desk: Desk
  instances: Instances
  runtime: OpenClawRuntime
  show: Show
  health: () => Health
  discovery: Discovery
  files: PageFiles
  clock: Clock
  log: Log
}

/** The broker's HTTP interface. It listens nowhere; `fetch` is all a server needs. */
export function createBroker(deps: BrokerDeps): Hono {
  const app = new Hono()
  app.onError((thrown) => refuse(toFault(thrown), deps.log))
  jobRoutes(app, deps)
  feedRoutes(app, deps)
  statusRoutes(app, deps)
  app.all('/api/*', ({ req }) => refuse(new Fault('not-found', `there is no ${req.method} ${req.path}`), deps.log))
  app.all('/v1/*', ({ req }) => refuse(new Fault('not-found', `there is no ${req.method} ${req.path}`), deps.log))
  pageRoutes(app, deps.files)
  return app
}

/** The one envelope of every refusal. */
function refuse(fault: Fault, log: Log): Response {
  if (fault.code === 'internal') log('http.bug', { error: fault })
  const { code, message, fix, retry } = fault
  return Response.json(
    { ok: false, error: { code, message, hint: fix, retryable: retry } },
    { status: fault.status, headers: { 'cache-control': 'no-store' } },
  )
}
