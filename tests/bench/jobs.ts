import type { JobContract } from '#nips/job'
import { abort } from '#nips/jobs/abort'
import { instanceStatus } from '#nips/jobs/instance-status'
import type { Requester } from '../support/requester.ts'
import { type Figure, millis, quantile, timed } from './figures.ts'

const ROUNDS = 100
const WARM_UP = 10

/** From publishing a signed request to reading its verified result, one after the other. */
export async function roundTripFigures(owner: Requester, instance: string): Promise<Figure[]> {
  const done = await owner.say(instance, 'hello')
  await done.end()
  const nothing = await measure(owner, abort, { job: done.request.id })
  const status = await measure(owner, instanceStatus, { instance })
  const show = (times: number[]) => `p50 ${millis(quantile(times, 0.5))}, p99 ${millis(quantile(times, 0.99))}`
  return [
    { name: 'null job: relay, worker, relay', value: show(nothing) },
    { name: 'status job: relay, worker, broker and back', value: show(status) },
  ]
}

async function measure(owner: Requester, job: JobContract, input: Record<string, unknown>): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const prepared = await owner.prepare(job, input)
    const [ms, state] = await timed(() => {
      void owner.link.publish(prepared.request)
      return prepared.end(10_000)
    })
    if (state.stage !== 'done') throw new Error(`${job.name} failed: ${state.failure?.message}`)
    times.push(ms)
  }
  return times.slice(WARM_UP)
}
