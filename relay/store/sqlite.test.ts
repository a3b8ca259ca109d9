import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stranger } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import { describeErasure } from './erasure.suite.ts'
import { migrations } from './migrations.ts'
import { rangeSql } from './plan.ts'
import { openSqliteStore } from './sqlite.ts'
import { describeStore } from './store.suite.ts'

describeStore('the sqlite store', () => openSqliteStore(':memory:'))
describeErasure('the sqlite store', () => openSqliteStore(':memory:'))

const ann = 'a'.repeat(64)

describe('a sqlite file', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'relay-'))
    file = join(folder, 'relay.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('keeps events and their numbers when it is opened again', async () => {
    const first = openSqliteStore(file)
    await first.put([entry(unsigned({ pubkey: ann }))])
    first.close()
    const second = openSqliteStore(file)
    expect(second.newest()).toBe(1)
    expect((await second.read({ filter: { limit: 5 }, reader: stranger, now: NOW, upTo: 1 })).rows).toHaveLength(1)
    second.close()
  })

  test('is in WAL mode', () => {
    openSqliteStore(file).close()
    const raw = new DatabaseSync(file)
    expect(raw.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    raw.close()
  })

  test('of a newer program is refused and left as it is', () => {
    const raw = new DatabaseSync(file)
    raw.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    raw.close()
    expect(() => openSqliteStore(file)).toThrow(/newer version/)
  })

  test('a batch that fails leaves nothing behind', async () => {
    const store = openSqliteStore(file)
    const good = entry(unsigned({ pubkey: ann }))
    const bad = { ...entry(unsigned({ pubkey: ann, content: 'b' })), json: undefined as never }
    await expect(store.put([good, bad])).rejects.toThrow()
    expect(store.newest()).toBe(0)
    expect(await store.put([good])).toEqual([{ outcome: 'stored', seq: 1 }])
    store.close()
  })

  test('has no trace left of what was erased', async () => {
    const store = openSqliteStore(file)
    const until = ['expiration', String(NOW + 1)]
    const secret = unsigned({
      pubkey: ann,
      content: 'private',
      tags: [['t', 'x'], ['t', 'x'], ['i', 'x'.repeat(300)], until],
    })
    const others = ['one', 'two', 'three'].map((content) => unsigned({ pubkey: ann, content }))
    await store.put([secret, ...others].map(entry))
    await store.sweep(NOW + 1)
    store.close()
    expect(readFileSync(file).includes('private')).toBe(false)
    const raw = new DatabaseSync(file)
    expect(
      raw.prepare('SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM tags) AS tags').get(),
    ).toEqual({ events: 3, tags: 0 })
    raw.close()
  })

  test('two relays on one file give different numbers', async () => {
    const [left, right] = [openSqliteStore(file), openSqliteStore(file)]
    await left.put([entry(unsigned({ pubkey: ann, content: '1' }))])
    await right.put([entry(unsigned({ pubkey: ann, content: '2' }))])
    expect([left.newest(), right.newest()]).toEqual([1, 2])
    left.close()
    right.close()
  })
})

describe('every read follows an index and sorts at most one second', () => {
  const raw = new DatabaseSync(':memory:')
  raw.exec(migrations.join(';'))
  const steps = (sql: string): string[] =>
    (
      raw.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array(sql.split('?').length - 1).fill(0)) as { detail: string }[]
    ).map(({ detail }) => detail)

  test.each([
    { index: 'id', uses: 'events_id (id=? AND rowid<?)' },
    { index: 'tag', uses: 'PRIMARY KEY (name=? AND value=? AND created_at>? AND created_at<?)' },
    { index: 'author-kind', uses: 'events_author_kind (pubkey=? AND kind=? AND created_at>? AND created_at<?)' },
    { index: 'author', uses: 'events_author (pubkey=? AND created_at>? AND created_at<?)' },
    { index: 'kind', uses: 'events_kind (kind=? AND created_at>? AND created_at<?)' },
    { index: 'time', uses: 'events_time (created_at>? AND created_at<?)' },
  ] as const)('$index', ({ index, uses }) => {
    for (const forStrangers of [true, false]) {
      const found = steps(rangeSql(index, forStrangers)).join('\n')
      expect(found).toContain(uses)
      expect(found).not.toMatch(/SCAN|TEMP B-TREE FOR ORDER BY/)
    }
  })
})
