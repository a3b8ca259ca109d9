import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { relayRuntime } from '#broker/supervisor/runtime'
import { type RelayProcess, startRelay } from '#relay/testing/process'
import { root } from '../../support/installed.ts'
import { median, type Row } from '../figures.ts'

/** A relay under load. Without its process id it is measured from outside only. */
export type Peer = { readonly name: string; readonly url: string; readonly pid?: number | undefined }

/** Our relay as a process of its own, with a data directory of its own. */
export type OurRelay = { peer: Peer; restart(): Promise<number>; stop(): Promise<void> }

export async function startOurs(wanted: 'auto' | 'bun' | 'node', env: Record<string, string>): Promise<OurRelay> {
  const { name, command, args } = await relayRuntime(wanted, { root, node: process.execPath })
  const directory = mkdtempSync(join(tmpdir(), 'oa-bench-'))
  const path = process.env.PATH ?? ''
  const settings = { RELAY_DB: join(directory, 'relay.db'), RELAY_KEY: join(directory, 'relay.key'), RELAY_PORT: '0' }
  const start = () => startRelay({ PATH: path, ...settings, ...env }, [command, ...args])
  let running = start()
  const stop = async () => {
    running.child.kill('SIGTERM')
    await running.ended
  }
  const ours: OurRelay = {
    peer: await peerOf(name, running),
    /** Stops it and gives the milliseconds from its new start to its being ready. */
    async restart() {
      await stop()
      const began = performance.now()
      running = start()
      ours.peer = await peerOf(name, running)
      return performance.now() - began
    },
    async stop() {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return ours
}

async function peerOf(runtime: string, running: RelayProcess): Promise<Peer> {
  const { port } = await running.line('relay.listening')
  return { name: `ours, ${runtime}`, url: `ws://127.0.0.1:${String(port)}`, pid: running.child.pid }
}

/** A process and all below it. */
function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(family)]
}

/** Ticks of a hundredth of a second, as every Linux has them. */
const TICK = 10_000

/** Microseconds of processor time a peer has used so far; `NaN` without its process id. */
export function processorTime({ pid }: Peer): number {
  if (pid === undefined) return Number.NaN
  const ticks = family(pid).map((each) => {
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, each) => sum + each, 0) * TICK
}

/** Megabytes in memory: all, and without pages of files that are merely mapped. */
export function memoryOf({ pid }: Peer): Sample {
  if (pid === undefined) return {}
  const sum = (field: string) =>
    family(pid)
      .map((each) => new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1])
      .reduce((total, kilobytes) => total + Number(kilobytes) / 1000, 0)
  return { 'resident memory, MB': sum('VmRSS'), 'of it not mapped files, MB': sum('RssAnon') }
}

/** What one measurement found, by the name of the figure. */
export type Sample = Record<string, number>

/** Asks every peer in each round, another one first each time, so that no peer has the quiet moments for itself. */
export async function inRounds(
  rounds: number,
  peers: readonly Peer[],
  measure: (peer: Peer, round: number) => Promise<Sample>,
): Promise<Row[]> {
  const found = peers.map((): Sample[] => [])
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < peers.length; turn += 1) {
      const place = (round + turn) % peers.length
      const peer = peers[place] as Peer
      try {
        found[place]?.push(await measure(peer, round))
      } catch (error) {
        console.log(`${peer.name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  const names = new Set(found.flat().flatMap(Object.keys))
  return [...names].map((name) => ({
    name,
    values: found.map((samples) => median(samples.flatMap((sample) => sample[name] ?? []))),
  }))
}
