import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { type RelayProcess, startRelay } from '#relay/testing/process'
import type { Random } from '#relay/testing/random'
import { type Author, author } from '../author.ts'
import { complaintsAbout, type Ledger, newLedger } from '../ledger.ts'
import { faults, shimEnv } from '../power/shim.ts'
import { readAll } from '../wire-reader.ts'
import { startWriter, type Writer } from '../writer.ts'

const clock = systemClock()

/** A relay in a process of its own whose disk a test can break, with people who write to it. */
export type Stage = {
  /** The folder that stands for the disk, and the database in it. */
  readonly disk: string
  readonly file: string
  readonly ledger: Ledger
  relay: RelayProcess
  url: string
  /** Lets the disk fail in one way, or work again. */
  set(fault: keyof typeof faults): void
  /** Starts so many writers that go on through refusals. */
  write(writers: number): Promise<Writer[]>
  /** Says in words what is wrong with what the relay serves. */
  look(): Promise<string[]>
  /** Kills the relay and starts it again on the same disk. */
  restart(): Promise<void>
  end(): Promise<void>
}

export type Setting = {
  random: Random
  /** What runs the relay, given its environment; by default this Node under the shim. */
  run?: (env: Record<string, string>, folder: string) => RelayProcess
}

export async function openStage({ random, run }: Setting): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const fault = join(folder, 'fault')
  writeFileSync(fault, Uint8Array.of(faults.none))
  const file = join(disk, 'relay.db')
  const env = { PATH: process.env.PATH ?? '', RELAY_PORT: '0', RELAY_DB: file, RELAY_KEY: join(folder, 'relay.key') }
  const shim = shimEnv(folder, disk, { fault })
  const start = () => (run ? run(env, disk) : startRelay({ ...env, ...shim }))
  const ledger = newLedger()
  const authors: Author[] = []
  const stage: Stage = {
    disk,
    file,
    ledger,
    relay: start(),
    url: '',
    set: (name) => writeFileSync(fault, Uint8Array.of(faults[name]), { flag: 'r+' }),
    async write(count) {
      const fresh = Array.from({ length: count }, () => author(random, clock.now))
      authors.push(...fresh)
      return Promise.all(fresh.map((one) => startWriter({ url: stage.url, author: one, ledger, window: 2 })))
    },
    async look() {
      const keys = authors.map(({ pubkey }) => pubkey)
      return complaintsAbout(await readAll(stage.url, keys), ledger)
    },
    async restart() {
      stage.relay.child.kill('SIGKILL')
      await stage.relay.ended
      stage.relay = start()
      stage.url = await urlOf(stage.relay)
    },
    async end() {
      stage.relay.child.kill('SIGKILL')
      await stage.relay.ended
      rmSync(folder, { recursive: true })
    },
  }
  stage.url = await urlOf(stage.relay)
  return stage
}

const urlOf = async (relay: RelayProcess): Promise<string> =>
  `ws://127.0.0.1:${(await relay.line('relay.listening')).port}`

/** Waits until something holds; fails with its name after half a minute. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const since = clock.millis()
  while (!holds()) {
    if (clock.millis() - since > 30_000) throw new Error(`never: ${what}`)
    await clock.sleep(10)
  }
}
