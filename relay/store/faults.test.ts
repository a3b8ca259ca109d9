import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stranger } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import { openToWrite } from './database.ts'
import { openSqliteStore } from './sqlite.ts'
import type { Store } from './store.ts'
import { askHere } from './thread/asking.ts'
import { createWriting } from './writing.ts'

let folder: string
let file: string
let store: Store
const workers: Worker[] = []
const note = (content: string) => entry(unsigned({ pubkey: 'a'.repeat(64), content }))
const remember = (worker: Worker) => workers.push(worker)
const everything = async () =>
  (await store.read({ filter: { limit: 500 }, reader: stranger, now: NOW, upTo: store.newest() })).rows.length

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relay-'))
  file = join(folder, 'relay.db')
  process.on('worker', remember)
  store = openSqliteStore(file)
  await new Promise(setImmediate)
})
afterEach(async () => {
  process.off('worker', remember)
  workers.length = 0
  await store.close()
  rmSync(folder, { recursive: true })
})

test('a writing thread that dies makes what waits unavailable, and the next one goes on', async () => {
  await store.put([note('before')])
  const waiting = Promise.allSettled([store.put([note('1')]), store.put([note('2')])])
  await workers[0]?.terminate()
  for (const result of await waiting)
    expect(result).toMatchObject(result.status === 'rejected' ? { reason: { code: 'unavailable' } } : { value: {} })
  const [after] = await store.put([note('after')])
  expect(after).toMatchObject({ outcome: 'stored' })
  expect(workers).toHaveLength(2)
  expect(await everything()).toBe(store.newest())
})

test('what a thread had written before it could say so is told like what others wrote', async () => {
  const first = store.put([note('1')]).catch(() => undefined)
  const worker = workers[0]
  worker?.removeAllListeners('message')
  while (count(file) < 1) await new Promise((resolve) => setTimeout(resolve, 5))
  await worker?.terminate()
  expect(await first).toBeUndefined()
  expect((await store.others()).map(({ seq }) => seq)).toEqual([1])
  expect(await store.put([note('1')])).toEqual([{ outcome: 'duplicate' }])
})

function count(path: string): number {
  const raw = new Database(path)
  const found = raw.prepare('SELECT count(*) FROM events').pluck().get() as number
  raw.close()
  return found
}

test('a database that another program holds is unavailable after a while, and comes back by itself', async () => {
  const raw = new Database(file)
  await store.put([note('before')])
  raw.exec('BEGIN IMMEDIATE')
  await expect(store.put([note('meanwhile')])).rejects.toMatchObject({ code: 'unavailable' })
  expect(await everything()).toBe(1)
  raw.exec('COMMIT')
  raw.close()
  expect(await store.put([note('after')])).toEqual([{ outcome: 'stored', seq: 2 }])
}, 20_000)

test('a full database is unavailable, keeps what it has, and takes more as soon as there is room', async () => {
  const database = openToWrite(':memory:')
  const writer = askHere(createWriting(database, 16))
  const limit = (pages: number) => database.sql(`PRAGMA max_page_count = ${pages}`).get()
  const put = (content: string) => writer.ask('put', [note(content).json])
  limit(60)
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, at) => put(`${at} ${'x'.repeat(10_000)}`)))
  const stored = results.flatMap((result) => (result.status === 'fulfilled' ? result.value.results : []))
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  expect(stored).toEqual(Array.from({ length: stored.length }, (_, at) => at + 1))
  expect(refused.length).toBeGreaterThan(0)
  for (const reason of refused) expect(reason).toMatchObject({ code: 'unavailable' })
  limit(1000)
  expect((await put('room again')).results).toEqual([stored.length + 1])
  expect(database.sql('SELECT count(*) FROM events').get()).toEqual([stored.length + 1])
  database.close()
})
