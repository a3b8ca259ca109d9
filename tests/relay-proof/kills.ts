import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { type RelayProcess, startRelay } from '#relay/testing/process'
import { type Random, randomFrom } from '#relay/testing/random'
import { type Author, author } from './author.ts'
import { complaintsAbout, type Ledger, newLedger } from './ledger.ts'
import { type Runtime, runtimes } from './runtimes.ts'
import { readAll } from './wire-reader.ts'
import { startWriter } from './writer.ts'

/** A lane is one relay that is killed and started again, `kills` times; lanes run side by side. */
export type Lane = { runtime: Runtime; kills: number }
/** `slowest`: milliseconds of the longest start after a kill, from the call to the first client. */
export type KillReport = { kills: number; acknowledged: number; slowest: number; wrong: string[] }

const clock = systemClock()
const WRITERS = 8
/** Milliseconds that a relay lives at most, most often counted from its first OK. */
const LIFE = 100
/** Lives between two looks at everything. */
const LOOK = 50

/** Kills relays under load at random instants, starts them again and looks for what was acknowledged. */
export async function playKills(lanes: readonly Lane[], seed: number): Promise<KillReport> {
  const reports = await Promise.all(lanes.map((lane, at) => playLane(lane, seed + at)))
  return {
    kills: reports.reduce((sum, { kills }) => sum + kills, 0),
    acknowledged: reports.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    slowest: Math.max(...reports.map(({ slowest }) => slowest)),
    wrong: reports.flatMap(({ wrong }, at) => wrong.map((what) => `seed ${seed}, ${lanes[at]?.runtime}: ${what}`)),
  }
}

async function playLane({ runtime, kills }: Lane, seed: number): Promise<KillReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const start = (): RelayProcess =>
    startRelay({ RELAY_PORT: '0', RELAY_DB: join(folder, 'relay.db'), RELAY_KEY: join(folder, 'relay.key') }, [
      runtimes[runtime],
    ])
  const ledger = newLedger()
  const authors = Array.from({ length: WRITERS }, () => author(random, clock.now))
  const report: KillReport = { kills, acknowledged: 0, slowest: 0, wrong: [] }
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const relay = start()
      if (random.chance(0.1)) await clock.sleep(random.whole(LIFE))
      else report.slowest = Math.max(report.slowest, await liveAWhile(relay, { authors, ledger, random }))
      relay.child.kill('SIGKILL')
      await relay.ended
      if (kill % LOOK === 0 || kill === kills) report.wrong.push(...(await look(start(), authors, ledger)))
    }
    return { ...report, acknowledged: ledger.acknowledged.size }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Life = { authors: readonly Author[]; ledger: Ledger; random: Random }

/** Lets the writers publish for some milliseconds, and says how long the relay took to start. */
async function liveAWhile(relay: RelayProcess, { authors, ledger, random }: Life): Promise<number> {
  const since = clock.millis()
  const { port } = await relay.line('relay.listening')
  const took = clock.millis() - since
  const url = `ws://127.0.0.1:${port}`
  const joining = authors.map((one) => startWriter({ url, author: one, ledger, window: 1 + random.whole(4) }))
  if (random.chance(0.8)) await firstAcknowledgement(ledger)
  await clock.sleep(random.whole(LIFE))
  relay.child.kill('SIGKILL')
  await Promise.allSettled(joining.map(async (writer) => (await writer).ended))
  return took
}

/** Resolves when one more event is acknowledged, or after two seconds of nothing. */
async function firstAcknowledgement({ acknowledged }: Ledger): Promise<void> {
  const [before, since] = [acknowledged.size, clock.millis()]
  while (acknowledged.size === before && clock.millis() - since < 2000) await clock.sleep(2)
}

async function look(relay: RelayProcess, authors: readonly Author[], ledger: Ledger): Promise<string[]> {
  const { port } = await relay.line('relay.listening')
  const stored = await readAll(
    `ws://127.0.0.1:${port}`,
    authors.map(({ pubkey }) => pubkey),
  )
  relay.child.kill('SIGKILL')
  await relay.ended
  return complaintsAbout(stored, ledger)
}
