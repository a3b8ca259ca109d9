import { systemClock } from '#nips/kit/clock'
import { type Random, randomFrom } from '#relay/testing/random'
import type { Runtime } from '../runtimes.ts'
import { serveAlone } from '../served.ts'
import { startCanary } from './canary.ts'

/** One way to harm a relay; resolves when it has done what it could. `size` says how much of it. */
export type Assault = (target: { url: string; port: number; random: Random; size: number }) => Promise<void>

export type Battle = {
  /** Messages of the canary, and those that were not answered. */
  sent: number
  unanswered: number
  /** Milliseconds the canary waited: 95 of 100 messages, and the longest. */
  p95: number
  longest: number
  /** MiB of memory of the relay: before, and at most. */
  before: number
  most: number
}

type Setting = { runtime: Runtime; size: number; seed: number; env?: Record<string, string> }

const clock = systemClock()

/** Lets a canary sing while the relay is assaulted. Rejects when the relay dies or the canary is cut off. */
export async function fight(assault: Assault, { runtime, size, seed, env = {} }: Setting): Promise<Battle> {
  const relay = await serveAlone(runtime, env)
  let over = false
  const death = relay.process.ended.then((code) => {
    if (!over) throw new Error(`the relay died: ${code}`)
  })
  try {
    const canary = await startCanary(relay.url)
    await clock.sleep(300)
    const before = relay.memory().now
    await Promise.race([assault({ url: relay.url, port: relay.port, random: randomFrom(seed), size }), death])
    const { sent, unanswered, waits } = await canary.stop()
    const p95 = Math.round(waits[Math.floor(waits.length * 0.95)] ?? 0)
    return { sent, unanswered, p95, longest: Math.round(waits.at(-1) ?? 0), before, most: relay.memory().most }
  } finally {
    over = true
    await relay.end()
  }
}
