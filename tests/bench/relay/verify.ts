import { SignedEvent } from '#nips/event'
import { generateSecretKey, signEvent } from '#nips/keys'
import { silentLog } from '#nips/kit/log'
import { pathsHere } from '#relay/testing/claims'
import { CLAIM, writeClaims } from '#relay/verify/claims'
import { sha256 } from '#relay/verify/hash'
import type { OpenPath } from '#relay/verify/paths'
import { threadedVerifier } from '#relay/verify/threaded'
import { type Figure, median } from '../figures.ts'

const ROUNDS = 7
/** Milliseconds of one round. */
const ROUND = 100

const key = generateSecretKey()
/** Of the length that events of the mix have: about 700 bytes. */
const events = Array.from({ length: 256 }, (_, at) =>
  signEvent({ kind: 1, created_at: at, tags: [['p', 'f'.repeat(64)]], content: 'some "words" '.repeat(22) }, key),
)

const micros = (value: number): string => `${value.toFixed(1)} µs`

/** Microseconds of processor time, of all threads together, that `work` takes for each of `count` things it does. */
async function cost(count: number, work: () => unknown): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage()
    const until = performance.now() + ROUND
    let done = 0
    while (performance.now() < until) {
      await work()
      done += count
    }
    const { user, system } = process.cpuUsage(before)
    // The first round warms up.
    if (round > 0) rounds.push((user + system) / done)
  }
  return median(rounds)
}

/** What a signature costs by each path that is here, what handing it to a thread adds, and what comes before it. */
export async function verifyFigures(): Promise<Figure[]> {
  const here = await pathsHere()
  const slab = Buffer.alloc(events.length * CLAIM)
  writeClaims(slab, events)
  const costs: { name: string; each: number }[] = []
  for (const { name, check } of here) {
    let at = 0
    const each = await cost(1, () => {
      check(slab, at)
      at = (at + CLAIM) % slab.length
    })
    costs.push({ name, each })
  }
  const oracle = costs.at(-1)?.each ?? Number.NaN
  const byPath = costs.map(
    ({ name, each }): Figure => ({
      name: `a signature by ${name}`,
      value: micros(each),
      peer: `${(oracle / each).toFixed(1)} times as quick as the oracle`,
    }),
  )
  const opening = await cost(events.length, async () => {
    for (const event of events) await SignedEvent.opening(event, async () => true, sha256)
  })
  return [...byPath, ...(await inThread(here[0])), { name: 'shape, id and text of an event', value: micros(opening) }]
}

async function inThread(path: OpenPath | undefined): Promise<Figure[]> {
  if (path === undefined) return []
  const verifier = threadedVerifier({ path, threads: 1, log: silentLog })
  const figures: Figure[] = []
  for (const size of [2, 8, 64, 256]) {
    const batch = events.slice(0, size)
    const each = await cost(size, () => verifier.verify(batch))
    figures.push({ name: `by ${path.name} in a thread, ${size} at once`, value: micros(each) })
  }
  await verifier.close()
  return figures
}
