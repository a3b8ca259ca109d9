import type { Hono } from 'hono'
import { BROKER_SILENCE, type FeedLine } from '#nips/ticket'
import type { BrokerDeps } from '../app.ts'
import type { InstanceRow } from '../store/store.ts'
import { lineStream } from './lines.ts'
import { requireWorker } from './worker.ts'

/** `GET /v1/feed`: every instance and the state of the service as they are, then every change. */
export function feedRoutes(app: Hono, deps: BrokerDeps): void {
  const shown = (row: InstanceRow): FeedLine => ({
    type: 'instance',
    id: row.id,
    owner: row.owner,
    rev: row.rev,
    shown: deps.show(row),
  })
  app.get('/v1/feed', async ({ req }) => {
    await requireWorker(req.raw, deps)
    return lineStream<FeedLine>(deps.clock, { beat: { type: 'beat' }, every: BROKER_SILENCE / 3 }, (write) => {
      const health = () => write({ type: 'health', health: deps.health() })
      health()
      for (const row of deps.instances.rows()) write(shown(row))
      write({ type: 'complete' })
      const stops = [deps.instances.onChange((row) => write(shown(row))), deps.runtime.onChange(health)]
      return () => {
        for (const stop of stops) stop()
      }
    })
  })
}
