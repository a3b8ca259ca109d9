import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { NostrEvent } from '#nips/keys'
import { newLedger } from '../ledger.ts'
import { type Load, type Loaded, readSteps } from './load.ts'
import { shimEnv } from './shim.ts'

/** Kills of the store before the last one. */
const KILLS = 3

/** As `load`, of a store alone that carries its newest events into the file's index all the time. */
export async function loadStore(generation: number, { folder, disk, acknowledged, random }: Load): Promise<Loaded> {
  const ledger = newLedger()
  const steps: Loaded['steps'] = []
  const program = fileURLToPath(new URL('bare-main.ts', import.meta.url))
  for (let part = 0; part <= KILLS; part++) {
    const journal = join(folder, `journal ${part}`)
    const child = spawn(
      process.execPath,
      [program, join(disk, 'relay.db'), String(generation), String(random.whole(2 ** 31))],
      {
        env: shimEnv(folder, disk, { journal, syncMicroseconds: 300 }),
        stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      },
    )
    const enough = (acknowledged * (part + 1)) / (KILLS + 1)
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      const [verb, subject] = parseLine(line)
      if (verb === 'EVENT') ledger.sent.set((subject as NostrEvent).id, subject as NostrEvent)
      if (verb === 'OK') ledger.acknowledged.add(subject as string)
      if (ledger.acknowledged.size >= enough) child.kill('SIGKILL')
    })
    await once(child, 'close')
    steps.push(...readSteps(journal, disk))
  }
  return { ledger, steps }
}

/** The last line may have been cut off. */
function parseLine(line: string): [verb?: string, subject?: unknown] {
  try {
    return JSON.parse(line) as [string, unknown]
  } catch {
    return []
  }
}
