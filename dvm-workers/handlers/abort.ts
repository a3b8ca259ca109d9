import { Fault } from '#nips/kit/fault'
import { endJob } from '../intake.ts'
import type { Handler } from './handler.ts'
import { viaBroker } from './via-broker.ts'

/** A job that only waits is ended here; one that runs is ended where it runs. */
export const abort: Handler = async (running, deps) => {
  const job = String(running.request.input.job)
  const target = deps.store.job(job)
  if (target === undefined || target.owner !== running.row.owner) throw new Fault('not-found', 'no such job')
  if (target.stage === 'done') return { job, aborted: false }
  if (target.stage === 'running') return viaBroker(running, deps)
  await endJob(target, { ok: false, code: 'cancelled', message: 'stopped by you', text: '' }, deps)
  return { job, aborted: true }
}
