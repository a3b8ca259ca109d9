import { assaults } from './attacks/assaults.ts'
import { fight } from './attacks/battle.ts'
import { takeBackups } from './backups.ts'
import { gatherCrowd } from './crowd.ts'
import { breakStore } from './faults/store.ts'
import { proveInterleavings, proveInterleavingsOnDisk } from './interleaving.ts'
import { playKills } from './kills.ts'
import { proveMatching } from './matching.ts'
import { playPowerCuts } from './power/cuts.ts'
import { seed } from './seeds.ts'
import { playSiblings } from './siblings.ts'
import { watchMemory } from './slope.ts'
import { playStops } from './stops.ts'

/**
 * `npm run soak`: every proof at full size, or those that are named, with the size that is given: `kills=500 cuts=1000`.
 * Prints what each found and ends with 1 when something was wrong; `PROOF_SEED` has a run again.
 */
type Proof = { size: number; run: (size: number) => Promise<{ wrong: readonly string[] }> }

const fine = { wrong: [] }

const proofs: Record<string, Proof> = {
  /** Worlds of 2,000 events and some 600 filters, each compared live and stored. */
  matching: {
    size: 100,
    async run(size) {
      let pairs = 0
      for (let world = 0; world < size; world++)
        pairs += await proveMatching({ events: 2000, subscriptions: 400 }, seed + world)
      return { ...fine, pairs }
    },
  },
  interleavings: {
    size: 1_000_000,
    async run(size) {
      await proveInterleavings(size, seed)
      await proveInterleavingsOnDisk(size / 20, seed)
      return fine
    },
  },
  kills: {
    size: 500,
    run: (size) =>
      playKills(
        [
          { runtime: 'bun', kills: Math.ceil(size / 2) },
          { runtime: 'node', kills: Math.floor(size / 2) },
        ],
        seed,
      ),
  },
  cuts: {
    size: 1000,
    run: (size) => playPowerCuts({ acknowledged: 3 * size, cuts: size }, seed),
  },
  carrying: {
    size: 1000,
    run: (size) => playPowerCuts({ acknowledged: 3 * size, cuts: size, generation: 16 }, seed),
  },
  carelessness: {
    size: 100,
    async run(size) {
      const { wrong } = await playPowerCuts({ acknowledged: 3 * size, cuts: size, careless: true }, seed)
      return { wrong: wrong.length > 0 ? [] : ['a relay that does not sync was not found out'], found: wrong.length }
    },
  },
  stops: {
    size: 40,
    async run(size) {
      const reports = [await playStops(size / 2, 'bun', seed), await playStops(size / 2, 'node', seed)]
      return { wrong: reports.flatMap(({ wrong }) => wrong), acknowledged: reports.map((one) => one.acknowledged) }
    },
  },
  siblings: {
    size: 1000,
    async run(size) {
      const pairs = [
        ['bun', 'bun'],
        ['bun', 'node'],
        ['node', 'node'],
      ] as const
      const wrong: string[] = []
      for (let round = 0; round * 60 < size; round++)
        for (const pair of pairs) wrong.push(...(await playSiblings(60, pair, seed + round)).wrong)
      return { wrong }
    },
  },
  breaks: { size: 5000, run: (size) => breakStore(size, seed) },
  backups: { size: 200, run: (size) => takeBackups(size, seed) },
  /** How much of each assault: 1 is as much as we found useful; the canary has to be answered within `CANARY`. */
  attacks: { size: 1, run: fightAll },
  crowd: {
    size: 5000,
    run: (size) => gatherCrowd({ connections: size, events: 300, runtime: 'bun' }, seed),
  },
  /** Seconds, under each runtime. */
  slope: {
    size: 900,
    async run(size) {
      const reports = [await watchMemory(size, 'bun', seed), await watchMemory(size, 'node', seed)]
      return { wrong: reports.flatMap(({ wrong }) => wrong), reports }
    },
  },
}

/** Milliseconds within which 95 of 100 messages of a canary are answered, whatever others do. */
const CANARY = 500

async function fightAll(size: number): Promise<{ wrong: string[] }> {
  const wrong: string[] = []
  for (const runtime of ['bun', 'node'] as const)
    for (const [name, { soak, env = {}, run }] of Object.entries(assaults)) {
      const battle = await fight(run, { runtime, size: Math.ceil(soak * size), seed, env })
      console.log(`  ${name} (${runtime})`, JSON.stringify(battle))
      if (battle.unanswered > 0) wrong.push(`${name} (${runtime}): ${battle.unanswered} messages were not answered`)
      if (battle.p95 > CANARY) wrong.push(`${name} (${runtime}): the canary waited ${battle.p95} ms`)
    }
  return { wrong }
}

const asked = new Map(process.argv.slice(2).map((word) => [word.split('=')[0] ?? '', word.split('=')[1]]))
const unknown = [...asked.keys()].filter((name) => !proofs[name])
if (unknown.length > 0) throw new Error(`no proof named ${unknown.join()}; there are ${Object.keys(proofs).join()}`)

console.log(`seed ${seed}, Node ${process.versions.node}`)
for (const [name, { size, run }] of Object.entries(proofs)) {
  if (asked.size > 0 && !asked.has(name)) continue
  const since = performance.now()
  const most = Number(asked.get(name) ?? size)
  const found = await run(most).catch((error: unknown) => ({ wrong: [String(error)] }))
  console.log(`${name}=${most}`, `${Math.round((performance.now() - since) / 1000)} s`, found)
  if (found.wrong.length > 0) process.exitCode = 1
}
