import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { startRelay } from '#relay/testing/process'
import { type Random, randomFrom } from '#relay/testing/random'
import { type Runtime, runtimes } from '../runtimes.ts'
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
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const places = { RELAY_PORT: '0', RELAY_DB: join(folder, 'relay.db'), RELAY_KEY: join(folder, 'relay.key') }
  const relay = startRelay({ ...places, ...env }, runtimes[runtime])
  let over = false
  try {
    const port = Number((await relay.line('relay.listening')).port)
    const url = `ws://127.0.0.1:${port}`
    const canary = await startCanary(url)
    await clock.sleep(300)
    const before = memoryOf(relay.child.pid)
    const died = relay.ended.then((code) => {
      if (!over) throw new Error(`the relay died: ${code}`)
    })
    await Promise.race([assault({ url, port, random: randomFrom(seed), size }), died])
    const { sent, unanswered, waits } = await canary.stop()
    const most = memoryOf(relay.child.pid)
    over = true
    return {
      sent,
      unanswered,
      p95: Math.round(waits[Math.floor(waits.length * 0.95)] ?? 0),
      longest: Math.round(waits.at(-1) ?? 0),
      before: before.now,
      most: most.most,
    }
  } finally {
    over = true
    relay.child.kill('SIGKILL')
    await relay.ended
    rmSync(folder, { recursive: true })
  }
}

/** What a process has and has had of memory, in MiB. */
function memoryOf(pid = 0): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
  return { now: read('VmRSS'), most: read('VmHWM') }
}
