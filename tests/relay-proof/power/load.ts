import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { startRelay } from '#relay/testing/process'
import type { Random } from '#relay/testing/random'
import { author } from '../author.ts'
import { type Ledger, newLedger } from '../ledger.ts'
import { startWriter } from '../writer.ts'
import { shimEnv } from './shim.ts'

type Load = {
  folder: string
  disk: string
  journal: string
  acknowledged: number
  /** Whether the relay is made not to sync its commits. */
  careless: boolean
  random: Random
}

const clock = systemClock()
const WRITERS = 8
/** What a sync takes: long enough for other things to happen meanwhile. */
const SYNC = 1500

/** Lets eight writers publish to a relay whose disk is noted, through a stop and a kill, until enough is acknowledged. */
export async function load({ folder, disk, journal, acknowledged, careless, random }: Load): Promise<Ledger> {
  const normal = new URL('normal.ts', import.meta.url).href
  const env = {
    ...shimEnv(folder, disk, { journal, syncMicroseconds: SYNC }),
    ...(careless ? { NODE_OPTIONS: `--import ${normal}` } : {}),
    RELAY_PORT: '0',
    RELAY_DB: join(disk, 'relay.db'),
    RELAY_KEY: join(folder, 'relay.key'),
  }
  const ledger = newLedger()
  const authors = Array.from({ length: WRITERS }, () => author(random, clock.now))
  for (const [part, signal] of (['SIGKILL', 'SIGTERM'] as const).entries()) {
    const relay = startRelay(env)
    const { port } = await relay.line('relay.listening')
    const writers = await Promise.all(
      authors.map((one, at) =>
        startWriter({ url: `ws://127.0.0.1:${port}`, author: one, ledger, window: 1 + (at % 3) }),
      ),
    )
    while (ledger.acknowledged.size < (acknowledged * (part + 1)) / 2) await clock.sleep(20)
    relay.child.kill(signal)
    await Promise.all([relay.ended, ...writers.map(({ ended }) => ended)])
  }
  return ledger
}
