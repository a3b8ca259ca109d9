import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RelayProcess, startRelay } from '#relay/testing/process'
import { type Runtime, runtimes } from './runtimes.ts'

/** A relay in a process of its own, with an empty disk. */
export type ServedRelay = {
  readonly process: RelayProcess
  readonly port: number
  readonly url: string
  /** MiB it has now, and has had at most. */
  memory(): { now: number; most: number }
  end(): Promise<void>
}

export async function serveAlone(runtime: Runtime, env: Record<string, string> = {}): Promise<ServedRelay> {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const places = { RELAY_PORT: '0', RELAY_DB: join(folder, 'relay.db'), RELAY_KEY: join(folder, 'relay.key') }
  const relay = startRelay({ ...places, ...env }, runtimes[runtime])
  const port = Number((await relay.line('relay.listening')).port)
  return {
    process: relay,
    port,
    url: `ws://127.0.0.1:${port}`,
    memory() {
      const status = readFileSync(`/proc/${relay.child.pid}/status`, 'utf8')
      const read = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
      return { now: read('VmRSS'), most: read('VmHWM') }
    },
    async end() {
      relay.child.kill('SIGKILL')
      await relay.ended
      rmSync(folder, { recursive: true })
    },
  }
}
