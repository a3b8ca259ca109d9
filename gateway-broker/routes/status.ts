import type { Hono } from 'hono'
import type { BrokerDeps } from '../app.ts'

/** What anybody may know: that the broker lives, what it runs, and where everything is. Starts nothing. */
export function statusRoutes(app: Hono, deps: BrokerDeps): void {
  app.get('/healthz', (context) => context.json({ ok: true, ...deps.health() }))
  app.get('/api/openclaw/runtime/status', (context) => context.json({ ok: true, data: deps.health() }))
  app.get('/.well-known/openagents.json', (context) => {
    context.header('access-control-allow-origin', '*')
    context.header('cache-control', 'public, max-age=60')
    return context.json(deps.discovery)
  })
}
