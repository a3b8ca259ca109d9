import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import type { NostrEvent } from '#nips/keys'
import { openSqliteStore } from '#relay/store/sqlite'
import { type Random, randomFrom } from '#relay/testing/random'
import { complaintsAbout, type Ledger } from '../ledger.ts'
import { createDisk, type Fate } from './disk.ts'
import { readJournal, type Step } from './journal.ts'
import { load } from './load.ts'

export type CutSize = { acknowledged: number; cuts: number; careless?: boolean }
/** How many cuts were played, after how many acknowledged events at most, and what was wrong, in words. */
export type CutReport = { cuts: number; acknowledged: number; wrong: string[] }

/** Plays power cuts against what a relay under load did to its disk. */
export async function playPowerCuts(
  { acknowledged, cuts, careless = false }: CutSize,
  seed: number,
): Promise<CutReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const disk = join(folder, 'disk')
  const journal = join(folder, 'journal')
  mkdirSync(disk)
  try {
    const ledger = await load({ folder, disk, journal, acknowledged, careless, random })
    const steps = readJournal(readFileSync(journal))
    const wrong: string[] = []
    let said = 0
    for await (const found of playCuts(steps, { root: disk, cuts, random, folder, ledger })) {
      said = found.said
      wrong.push(...found.wrong.map((what) => `seed ${seed}, ${found.about}: ${what}`))
    }
    return { cuts, acknowledged: said, wrong }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Play = { root: string; cuts: number; random: Random; folder: string; ledger: Ledger }
type Found = { about: string; said: number; wrong: string[] }

async function* playCuts(steps: readonly Step[], { root, cuts, random, folder, ledger }: Play): AsyncGenerator<Found> {
  const disk = createDisk(root)
  const heard = createEar()
  const moments = momentsIn(steps, cuts, random)
  for (const [at, step] of steps.entries()) {
    for (; moments[0] === at; moments.shift()) {
      const fate = random.pick<Fate>(['dropped', 'dropped', 'kept', 'torn', 'torn', 'torn'])
      const wrong = await inspect(disk.cut(fate, random), join(folder, 'found'), { ...ledger, acknowledged: heard.ids })
      yield { about: `cut before step ${at} of ${steps.length}, unsynced ${fate}`, said: heard.ids.size, wrong }
    }
    disk.follow(step)
    if (step.does === 'said') heard.listen(step)
  }
}

/** Anywhere, and as often right behind something that was said: nothing but what was synced stands for it. */
function momentsIn(steps: readonly Step[], cuts: number, random: Random): number[] {
  const behind = steps.flatMap(({ does }, at) => (does === 'said' ? [at + 1] : []))
  return Array.from({ length: cuts }, (_, at) => (at % 2 === 0 ? random.whole(steps.length) : random.pick(behind)))
    .map((at) => Math.min(at, steps.length - 1))
    .sort((a, b) => a - b)
}

/** Collects the ids that a relay said `OK true` to. */
function createEar() {
  const ids = new Set<string>()
  const rests = new Map<number, string>()
  return {
    ids,
    listen({ socket, data }: Extract<Step, { does: 'said' }>): void {
      const text = (rests.get(socket) ?? '') + data.toString('latin1')
      for (const [, id = ''] of text.matchAll(/\["OK","([0-9a-f]{64})",true,/g)) ids.add(id)
      rests.set(socket, text.slice(-100))
    },
  }
}

/** Opens what is left as the relay would, and looks for what is wrong with it. */
async function inspect(files: Map<string, Buffer>, folder: string, ledger: Ledger): Promise<string[]> {
  mkdirSync(folder)
  // The shared memory of the WAL index does not outlive a power cut.
  for (const [path, content] of files) if (!path.endsWith('-shm')) writeFileSync(join(folder, basename(path)), content)
  try {
    const file = join(folder, 'relay.db')
    const stored = await readAll(file)
    return [...complaintsAbout(stored, ledger), ...integrityOf(file)]
  } catch (error) {
    return [`cannot be opened: ${String(error)}`]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function readAll(file: string): Promise<NostrEvent[]> {
  const store = openSqliteStore(file)
  const events: NostrEvent[] = []
  try {
    for (let after = 0; ; ) {
      const rows = await store.arrivals(after, 1000)
      if (rows.length === 0) return events
      events.push(...rows.map(({ json }) => JSON.parse(json) as NostrEvent))
      after = rows.at(-1)?.seq ?? after
    }
  } finally {
    store.close()
  }
}

function integrityOf(file: string): string[] {
  const database = new Database(file)
  const verdict = database.pragma('integrity_check', { simple: true })
  database.close()
  return verdict === 'ok' ? [] : [`integrity_check: ${String(verdict)}`]
}
