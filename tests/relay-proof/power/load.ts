import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { startRelay } from '#relay/testing/process'
import type { Random } from '#relay/testing/random'
import { author } from '../author.ts'
import { type Ledger, newLedger } from '../ledger.ts'
import { startWriter } from '../writer.ts'
import { readJournal, type Step } from './journal.ts'
import { shimEnv } from './shim.ts'

export type Load = {
  folder: string
  disk: string
  acknowledged: number
  /** Whether the relay is made not to sync its commits. */
  careless: boolean
  random: Random
}

/** The books, and everything that was done to the disk. */
export type Loaded = { ledger: Ledger; steps: Step[] }

const clock = systemClock()
const WRITERS = 8
/** What a sync takes: long enough for other things to happen meanwhile. */
const SYNC = 1500

/**
 * Lets eight writers publish to a relay, through a kill and a stop, until enough is acknowledged. Gives the books and
 * everything the relay did to its disk.
 */
export async function load({ folder, disk, acknowledged, careless, random }: Load): Promise<Loaded> {
  const normal = new URL('normal.ts', import.meta.url).href
  const env = {
    ...(careless ? { NODE_OPTIONS: `--import ${normal}` } : {}),
    RELAY_PORT: '0',
    RELAY_DB: join(disk, 'relay.db'),
    RELAY_KEY: join(folder, 'relay.key'),
  }
  const ledger = newLedger()
  const steps: Step[] = []
  const authors = Array.from({ length: WRITERS }, () => author(random, clock.now))
  for (const [part, signal] of (['SIGKILL', 'SIGTERM'] as const).entries()) {
    const journal = join(folder, `journal ${part}`)
    const relay = startRelay({ ...env, ...shimEnv(folder, disk, { journal, syncMicroseconds: SYNC }) })
    const { port } = await relay.line('relay.listening')
    const writers = await Promise.all(
      authors.map((one, at) =>
        startWriter({ url: `ws://127.0.0.1:${port}`, author: one, ledger, window: 1 + (at % 3) }),
      ),
    )
    while (ledger.acknowledged.size < (acknowledged * (part + 1)) / 2) await clock.sleep(20)
    relay.child.kill(signal)
    await Promise.all([relay.ended, ...writers.map(({ ended }) => ended)])
    steps.push(...readSteps(journal, disk))
  }
  return { ledger, steps }
}

/** What a process did, and the disk as it has left it. */
export const readSteps = (journal: string, disk: string): Step[] => [
  ...readJournal(readFileSync(journal)),
  { does: 'found', files: filesIn(disk) },
]

const filesIn = (folder: string): Map<string, Buffer> =>
  new Map(readdirSync(folder).map((name) => [join(folder, name), readFileSync(join(folder, name))]))
