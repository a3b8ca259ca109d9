import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { SignedEvent } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { systemClock } from '#nips/kit/clock'
import { openSqliteStore } from '#relay/store/sqlite'
import type { Store } from '#relay/store/store'
import { entry } from '#relay/testing/events'
import { type Random, randomFrom } from '#relay/testing/random'
import { author } from './author.ts'
import { complaintsAbout, type Ledger, newLedger } from './ledger.ts'

export type BackupReport = { backups: number; acknowledged: number; wrong: string[] }

const clock = systemClock()
/** Events of one transaction. */
const BATCH = 20

/** Takes backups while events are written: each has everything that was acknowledged before it began, and is whole. */
export async function takeBackups(backups: number, seed: number): Promise<BackupReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const store = openSqliteStore(join(folder, 'relay.db'), { generation: 64 })
  const ledger = newLedger()
  const wrong: string[] = []
  let over = false
  const writing = write(store, ledger, { random, isOver: () => over })
  try {
    for (let at = 0; at < backups; at++) {
      await clock.sleep(random.whole(150))
      const file = join(folder, `backup ${at}`)
      const before: Ledger = { sent: ledger.sent, acknowledged: new Set(ledger.acknowledged) }
      await store.backup(file)
      wrong.push(...(await readBackup(file, before)).map((what) => `seed ${seed}, backup ${at}: ${what}`))
    }
  } finally {
    over = true
    await writing
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { backups, acknowledged: ledger.acknowledged.size, wrong }
}

type Writing = { random: Random; isOver: () => boolean }

async function write(store: Store, { sent, acknowledged }: Ledger, { random, isOver }: Writing): Promise<void> {
  const writer = author(random, clock.now)
  while (!isOver()) {
    const batch = Array.from({ length: BATCH }, () => SignedEvent.open(writer.next(), () => true))
    for (const event of batch) sent.set(event.id, event)
    const results = await store.put(batch.map(entry))
    for (const [at, { outcome }] of results.entries()) if (outcome === 'stored') acknowledged.add(batch[at]?.id ?? '')
  }
}

/** Restores a backup by opening it, and says what is wrong with it. */
async function readBackup(file: string, ledger: Ledger): Promise<string[]> {
  const restored = openSqliteStore(file, { generation: 64 })
  const rows = await restored.arrivals(0, 1_000_000)
  await restored.close()
  const database = new Database(file, { readonly: true })
  const integrity = String(database.pragma('integrity_check', { simple: true }))
  database.close()
  const stored = rows.map(({ json }) => JSON.parse(json) as NostrEvent)
  return [...complaintsAbout(stored, ledger), ...(integrity === 'ok' ? [] : [integrity])]
}
