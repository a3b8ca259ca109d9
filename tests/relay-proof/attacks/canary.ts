import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { CanaryReport } from './canary-thread.ts'

export type Canary = { stop(): Promise<CanaryReport> }

/** Starts a canary and resolves when it is connected. */
export async function startCanary(url: string, headers: Record<string, string> = {}): Promise<Canary> {
  const worker = new Worker(new URL('canary-thread.ts', import.meta.url), { workerData: { url, headers } })
  await once(worker, 'message')
  return {
    async stop() {
      worker.postMessage('stop')
      const [report] = (await once(worker, 'message')) as [CanaryReport | { closed: number }]
      await worker.terminate()
      if ('closed' in report) throw new Error(`the canary was cut off with ${report.closed}`)
      return report
    },
  }
}
