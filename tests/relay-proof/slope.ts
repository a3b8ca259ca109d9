import { systemClock } from '#nips/kit/clock'
import { type Random, randomFrom } from '#relay/testing/random'
import { connect, is } from '#relay/testing/wire'
import { pen } from './pen.ts'
import type { Runtime } from './runtimes.ts'
import { serveAlone } from './served.ts'

/** MiB of memory, and what a long run adds in an hour by its second half. */
export type SlopeReport = { visits: number; early: number; late: number; perHour: number; wrong: string[] }

const clock = systemClock()
const GUESTS = 8
/** MiB an hour that nobody would notice in a month, as far as so short a run can tell. */
const NOISE = 24

/**
 * Guests come, subscribe, publish what replaces and what passes, ask, leave in the middle, and come again: nothing of
 * that has to be kept, so the relay's memory must not go on growing.
 */
export async function watchMemory(seconds: number, runtime: Runtime, seed: number): Promise<SlopeReport> {
  const random = randomFrom(seed)
  const relay = await serveAlone(runtime)
  const samples: number[] = []
  let visits = 0
  try {
    const until = clock.millis() + seconds * 1000
    const stop = clock.every((seconds * 1000) / 200, () => samples.push(relay.memory().now))
    const guests = Array.from({ length: GUESTS }, async () => {
      const author = pen(clock.now)
      for (; clock.millis() < until; visits++) await visit(relay.url, random, author)
    })
    await Promise.all(guests)
    stop()
    const half = samples.slice(samples.length / 2)
    const [early, late] = [half.slice(0, half.length / 4), half.slice((half.length * 3) / 4)].map(median) as [
      number,
      number,
    ]
    const perHour = Math.round(((late - early) / (seconds * 0.375)) * 3600)
    const grows = late - early > NOISE
    return { visits, early, late, perHour, wrong: grows ? [`seed ${seed}: from ${early} to ${late} MiB`] : [] }
  } finally {
    await relay.end()
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

async function visit(url: string, random: Random, { write, pubkey }: ReturnType<typeof pen>): Promise<void> {
  const client = await connect(url)
  const filters = [{ kinds: [0] }, { authors: [pubkey] }, { '#t': [`${random.whole(1000)}`] }, { limit: 20 }]
  for (let act = random.whole(30); act >= 0; act--) {
    const name = `${random.whole(5)}`
    if (random.chance(0.4)) client.say('REQ', name, random.pick(filters))
    else if (random.chance(0.2)) client.say('CLOSE', name)
    else {
      const event = write({ kind: random.pick([0, 20_001, 30_023]), content: 'x'.repeat(random.whole(2000)) })
      client.say('EVENT', event)
      if (random.chance(0.5)) await Promise.race([client.next(is('OK', event.id)), client.ended])
    }
  }
  if (random.chance(0.5)) client.socket.close()
  else client.socket.terminate()
  await client.ended
}
