import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { SignedEvent } from '#nips/event'
import { expiration } from '#nips/event'
import type { Filter } from '#nips/filter'
import { hexToBytes } from '#nips/kit/bytes'
import { readerOf } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import { addressOf } from './erasure.ts'
import { migrations } from './migrations.ts'
import { openSqliteStore } from './sqlite.ts'

const [ann, ben] = ['a'.repeat(64), 'b'.repeat(64)] as const
const events = [
  unsigned({
    pubkey: ann,
    content: 'zwölf',
    tags: [
      ['t', 'x'],
      ['t', 'x'],
    ],
  }),
  unsigned({ pubkey: ann, kind: 30_023, tags: [['d', 'x']], created_at: NOW + 1 }),
  unsigned({ pubkey: ben, kind: 1059, tags: [['p', ann]], created_at: NOW + 2 }),
  unsigned({ pubkey: ben, kind: 5, tags: [['e', 'e'.repeat(64)]], created_at: NOW + 3 }),
  unsigned({ pubkey: ben, tags: [['expiration', String(NOW + 9)]], created_at: NOW + 4 }),
]

/** A file as versions 1 and 2 wrote it; numbers have gaps where something was erased. */
function fileOf(version: 1 | 2, folder: string): string {
  const file = join(folder, `version-${version}.db`)
  const raw = new DatabaseSync(file)
  for (const migration of migrations.slice(0, version)) raw.exec(String(migration))
  raw.exec(`PRAGMA journal_mode = WAL; PRAGMA user_version = ${version}`)
  const statement = raw.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  for (const [at, event] of events.entries()) statement.run(2 * at + 1, ...columnsOf(event))
  if (version === 2) raw.exec("INSERT INTO lists VALUES ('banned', 'somebody', 'noise')")
  raw.close()
  return file
}

const columnsOf = (event: SignedEvent) => [
  hexToBytes(event.id),
  hexToBytes(event.pubkey),
  event.created_at,
  event.kind,
  addressOf(event)?.split(':')[2] ?? null,
  expiration(event) ?? null,
  entry(event).json,
]

test.each([1, 2] as const)('a file of version %i keeps everything', async (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'))
  const file = fileOf(version, folder)
  const store = openSqliteStore(file)
  const find = async (filter: Filter) => {
    const read = { filter: { ...filter, limit: 9 }, reader: readerOf([ann]), now: NOW, upTo: store.newest() }
    return (await store.read(read)).rows.map(({ seq }) => seq)
  }
  expect(store.newest()).toBe(9)
  expect(await find({})).toEqual([9, 7, 5, 3, 1])
  expect(await find({ tags: new Map([['t', new Set(['x'])]]) })).toEqual([1])
  expect(await find({ authors: new Set([ben]), kinds: new Set([1059]) })).toEqual([5])
  expect(await store.usage(ann)).toEqual({
    events: 2,
    bytes: events.slice(0, 2).reduce((sum, event) => sum + Buffer.byteLength(entry(event).json), 0),
  })
  expect([...store.list('banned')]).toEqual(version === 2 ? [['somebody', 'noise']] : [])
  expect(await store.put(events.map(entry))).toEqual(events.map(() => ({ outcome: 'duplicate' })))
  expect(await store.put([entry(unsigned({ pubkey: ben, kind: 30_023 }))])).toEqual([{ outcome: 'stored', seq: 10 }])
  expect(await store.sweep(NOW + 9)).toBe(1)
  await store.close()
  rmSync(folder, { recursive: true })
})

test('what is erased after the change leaves no trace of the earlier version either', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'))
  const file = fileOf(2, folder)
  const store = openSqliteStore(file)
  expect(await store.erase(events.map(({ id }) => id))).toBe(events.length)
  await store.close()
  expect(readFileSync(file).includes('zwölf')).toBe(false)
  rmSync(folder, { recursive: true })
})
