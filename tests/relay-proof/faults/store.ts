import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NostrEvent } from '#nips/keys'
import { systemClock } from '#nips/kit/clock'
import { randomFrom } from '#relay/testing/random'
import { complaintsAbout, newLedger } from '../ledger.ts'
import { startBare } from '../power/bare.ts'
import { faults, shimEnv } from '../power/shim.ts'

export type FaultReport = { acknowledged: number; sent: number; wrong: string[] }

const clock = systemClock()

/**
 * A store whose disk fails and works again, over and over, while it carries its newest events into the index: at the end
 * what it finds is what is in its log, and all that it acknowledged.
 */
export async function breakStore(breaks: number, seed: number): Promise<FaultReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const [disk, fault] = [join(folder, 'disk'), join(folder, 'fault')]
  mkdirSync(disk)
  writeFileSync(fault, Uint8Array.of(faults.none))
  const set = (name: keyof typeof faults) => writeFileSync(fault, Uint8Array.of(faults[name]), { flag: 'r+' })
  const ledger = newLedger()
  const [found, log] = [[] as string[], [] as string[]]
  const hears: Record<string, (subject: unknown) => void> = {
    EVENT: (event) => ledger.sent.set((event as NostrEvent).id, event as NostrEvent),
    OK: (id) => ledger.acknowledged.add(String(id)),
    FOUND: (id) => found.push(String(id)),
    LOG: (id) => log.push(String(id)),
  }
  try {
    const bare = { file: join(disk, 'relay.db'), generation: random.pick([4, 16, 64]), seed: random.whole(2 ** 31) }
    const child = startBare(bare, shimEnv(folder, disk, { fault }), (verb, subject) => hears[verb]?.(subject))
    while (ledger.acknowledged.size < 20 && child.exitCode === null) await clock.sleep(10)
    for (let at = 0; at < breaks; at++) {
      set(random.pick(['full', 'readOnly', 'syncFails']))
      await clock.sleep(random.whole(20))
      set('none')
      await clock.sleep(random.whole(40))
    }
    child.stdin?.write('enough\n')
    const [code] = (await once(child, 'close')) as [number]
    const stored = found.flatMap((id) => ledger.sent.get(id) ?? [])
    const wrong = [
      ...(code === 0 ? [] : [`the store ended with ${code}`]),
      ...complaintsAbout(stored, ledger),
      ...(found.toSorted().join() === log.toSorted().join()
        ? []
        : [`found ${found.length} of ${log.length} in the log`]),
    ]
    const counts = { acknowledged: ledger.acknowledged.size, sent: ledger.sent.size }
    return { ...counts, wrong: wrong.map((what) => `seed ${seed}: ${what}`) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
