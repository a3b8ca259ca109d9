import type { Hono } from 'hono'
import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { BROKER_SILENCE, type BrokerLine, ticketShape } from '#nips/ticket'
import type { BrokerDeps } from '../app.ts'
import { lineStream } from './lines.ts'
import { requireWorker } from './worker.ts'

/** `POST /v1/jobs`: a worker brings a ticket and hears the job to its end. The same ticket again hears the same job. */
export function jobRoutes(app: Hono, deps: BrokerDeps): void {
  app.post('/v1/jobs', async ({ req }) => {
    const { pubkey, body } = await requireWorker(req.raw, deps)
    const ticket = ticketShape.safeParse(parseJson(new TextDecoder().decode(body)))
    if (!ticket.success) throw new Fault('invalid', 'the body is not a ticket')
    const listen = deps.desk.take(ticket.data, pubkey)
    return lineStream<BrokerLine>(deps.clock, { beat: { type: 'beat' }, every: BROKER_SILENCE / 3 }, (write, end) =>
      listen((line) => {
        write(line)
        if (line.type === 'result' || line.type === 'fault') end()
      }),
    )
  })
}
