import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { startRelay } from '#relay/testing/process'
import { randomFrom } from '#relay/testing/random'
import { author } from './author.ts'
import { complaintsAbout, newLedger } from './ledger.ts'
import { type Runtime, runtimes } from './runtimes.ts'
import { readAll } from './wire-reader.ts'
import { startWriter } from './writer.ts'

/** `taken`: events that were stored without a word to whoever sent them. */
export type StopReport = { stops: number; acknowledged: number; taken: number; wrong: string[] }

const clock = systemClock()
const WRITERS = 4

/** Tells a relay under load to stop, and starts it again, as often as wanted. */
export async function playStops(stops: number, runtime: Runtime, seed: number): Promise<StopReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const env = { RELAY_PORT: '0', RELAY_DB: join(folder, 'relay.db'), RELAY_KEY: join(folder, 'relay.key') }
  const ledger = newLedger()
  const authors = Array.from({ length: WRITERS }, () => author(random, clock.now))
  const wrong: string[] = []
  try {
    for (let stop = 0; stop < stops; stop++) {
      const relay = startRelay(env, runtimes[runtime])
      const url = `ws://127.0.0.1:${(await relay.line('relay.listening')).port}`
      const writers = await Promise.all(authors.map((one) => startWriter({ url, author: one, ledger, window: 30 })))
      await clock.sleep(100 + random.whole(200))
      relay.child.kill('SIGTERM')
      const code = await relay.ended
      if (code !== 0) wrong.push(`stop ${stop} ended with ${code}`)
      await Promise.all(writers.map(({ ended }) => ended))
    }
    const relay = startRelay(env, runtimes[runtime])
    const url = `ws://127.0.0.1:${(await relay.line('relay.listening')).port}`
    const stored = await readAll(
      url,
      authors.map(({ pubkey }) => pubkey),
    )
    relay.child.kill('SIGTERM')
    await relay.ended
    const taken = stored.filter(({ id }) => !ledger.acknowledged.has(id)).length
    if (taken > 0) wrong.push(`${taken} events were stored and never answered`)
    wrong.push(...complaintsAbout(stored, ledger))
    const report = { stops, acknowledged: ledger.acknowledged.size, taken, wrong }
    return { ...report, wrong: wrong.map((what) => `seed ${seed}, ${runtime}: ${what}`) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
