import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import type { NostrEvent } from '#nips/keys'
import { stranger } from '#relay/read-rules'
import { openSqliteStore } from '#relay/store/sqlite'
import type { Position } from '#relay/store/store'
import { type Random, randomFrom } from '#relay/testing/random'
import { complaintsAbout, type Ledger } from '../ledger.ts'
import { loadStore } from './bare-load.ts'
import { createDisk, type Fate } from './disk.ts'
import type { Step } from './journal.ts'
import { load } from './load.ts'

export type CutSize = {
  acknowledged: number
  cuts: number
  /** A relay that does not sync its commits. */
  careless?: boolean
  /** A store alone that carries so many events at once into the file's index. */
  generation?: number
}
/** How many cuts were played, after how many acknowledged events at most, and what was wrong, in words. */
export type CutReport = { cuts: number; acknowledged: number; wrong: string[] }

/** Plays power cuts against what a relay under load did to its disk. */
export async function playPowerCuts(
  { acknowledged, cuts, careless = false, generation }: CutSize,
  seed: number,
): Promise<CutReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    const asked = { folder, disk, acknowledged, careless, random }
    const { ledger, steps } = await (generation === undefined ? load(asked) : loadStore(generation, asked))
    const wrong: string[] = []
    let said = 0
    for await (const found of playCuts(steps, { root: disk, cuts, random, folder, ledger, generation })) {
      said = found.said
      wrong.push(...found.wrong.map((what) => `seed ${seed}, ${found.about}: ${what}`))
    }
    return { cuts, acknowledged: said, wrong }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Play = {
  root: string
  cuts: number
  random: Random
  folder: string
  ledger: Ledger
  generation: number | undefined
}
type Found = { about: string; said: number; wrong: string[] }

async function* playCuts(
  steps: readonly Step[],
  { root, cuts, random, folder, ledger, generation }: Play,
): AsyncGenerator<Found> {
  const disk = createDisk(root)
  const heard = createEar()
  const moments = momentsIn(steps, cuts, random)
  for (const [at, step] of steps.entries()) {
    for (; moments[0] === at; moments.shift()) {
      const fate = random.pick<Fate>(['dropped', 'dropped', 'kept', 'torn', 'torn', 'torn'])
      const inspection = {
        ledger: { ...ledger, acknowledged: heard.ids },
        asRelay: random.chance(generation ? 0.3 : 0.1),
        generation,
      }
      const wrong = await inspect(disk.cut(fate, random), join(folder, 'found'), inspection)
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

/** Looks for what is wrong with what is left: with SQLite alone, and at some cuts as the relay reads it, by its index. */
async function inspect(
  files: Map<string, Buffer>,
  folder: string,
  { ledger, asRelay, generation }: Inspection,
): Promise<string[]> {
  mkdirSync(folder)
  // The shared memory of the WAL index does not outlive a power cut.
  for (const [path, content] of files) if (!path.endsWith('-shm')) writeFileSync(join(folder, basename(path)), content)
  const file = join(folder, 'relay.db')
  try {
    const read = asRelay ? complaintsAbout(await readIndex(file, ledger, generation), ledger) : []
    const { stored, integrity } = readLog(file)
    return [
      ...read,
      ...complaintsAbout(stored, ledger),
      ...(integrity === 'ok' ? [] : [`integrity_check: ${integrity}`]),
    ]
  } catch (error) {
    return [`cannot be opened: ${String(error)}`]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Inspection = { readonly ledger: Ledger; readonly asRelay: boolean; readonly generation: number | undefined }

/** Everything in the file. One that was cut off before it had a schema has nothing. */
function readLog(file: string): { stored: NostrEvent[]; integrity: string } {
  const database = new Database(file)
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").get() !== undefined
  const rows = isThere ? database.prepare('SELECT json FROM events ORDER BY seq').pluck().all() : []
  const integrity = String(database.pragma('integrity_check', { simple: true }))
  database.close()
  return { stored: rows.map((json) => JSON.parse(String(json)) as NostrEvent), integrity }
}

/** What the relay finds, author by author. */
async function readIndex(file: string, { sent }: Ledger, generation: number | undefined): Promise<NostrEvent[]> {
  const store = openSqliteStore(file, generation === undefined ? {} : { generation })
  const found: NostrEvent[] = []
  for (const author of new Set([...sent.values()].map(({ pubkey }) => pubkey)))
    for (let after: Position | undefined, more = true; more; more = after !== undefined) {
      const filter = { authors: new Set([author]), limit: 1_000_000 }
      const asked = { filter, reader: stranger, upTo: store.newest(), now: 0 }
      const { rows, next } = await store.read(after ? { ...asked, after } : asked)
      found.push(...rows.map(({ json }) => JSON.parse(json) as NostrEvent))
      after = next
    }
  await store.close()
  return found
}
