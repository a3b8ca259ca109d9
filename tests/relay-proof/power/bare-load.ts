import { once } from 'node:events'
import { join } from 'node:path'
import type { NostrEvent } from '#nips/keys'
import { newLedger } from '../ledger.ts'
import { startBare } from './bare.ts'
import { type Load, type Loaded, readSteps } from './load.ts'
import { shimEnv } from './shim.ts'

/** Kills of the store before the last one. */
const KILLS = 3

/** As `load`, of a store alone that carries its newest events into the file's index all the time. */
export async function loadStore(generation: number, { folder, disk, acknowledged, random }: Load): Promise<Loaded> {
  const ledger = newLedger()
  const steps: Loaded['steps'] = []
  for (let part = 0; part <= KILLS; part++) {
    const journal = join(folder, `journal ${part}`)
    const enough = (acknowledged * (part + 1)) / (KILLS + 1)
    const bare = { file: join(disk, 'relay.db'), generation, seed: random.whole(2 ** 31) }
    const child = startBare(bare, shimEnv(folder, disk, { journal, syncMicroseconds: 300 }), (verb, subject) => {
      if (verb === 'EVENT') ledger.sent.set((subject as NostrEvent).id, subject as NostrEvent)
      if (verb === 'OK') ledger.acknowledged.add(subject as string)
      if (ledger.acknowledged.size >= enough) child.kill('SIGKILL')
    })
    await once(child, 'close')
    steps.push(...readSteps(journal, disk))
  }
  return { ledger, steps }
}
