import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RelayProcess, startRelay } from '#relay/testing/process'

/** Our relay as users run it: a process with a database that outlives it, always at the same address. */
export type StandingRelay = {
  readonly url: string
  /** Ends it as a crash would: no goodbye to anybody. */
  cut(): Promise<void>
  /** Starts it again on the same port, with the same data. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

export async function standingRelay(): Promise<StandingRelay> {
  const directory = mkdtempSync(join(tmpdir(), 'oa-clients-'))
  const start = (port: number): RelayProcess =>
    startRelay({
      PATH: process.env.PATH ?? '',
      RELAY_DB: join(directory, 'relay.db'),
      RELAY_KEY: join(directory, 'relay.key'),
      RELAY_PORT: String(port),
    })
  let running = start(0)
  const { port } = await running.line('relay.listening')
  const end = async () => {
    running.child.kill('SIGKILL')
    await running.ended
  }
  return {
    url: `ws://127.0.0.1:${String(port)}`,
    cut: end,
    async comeBack() {
      running = start(Number(port))
      await running.line('relay.listening')
    },
    async close() {
      await end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
