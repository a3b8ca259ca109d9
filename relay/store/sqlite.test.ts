import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stranger } from '../read-rules.ts'
import { entry, NOW, unsigned } from '../testing/events.ts'
import { describeAccounts } from './accounts.suite.ts'
import { describeErasure } from './erasure.suite.ts'
import { migrations } from './migrations.ts'
import { rangeSql } from './ranges.ts'
import { openSqliteStore } from './sqlite.ts'
import { describeStore } from './store.suite.ts'
import type { Store } from './store.ts'
import { describeWords } from './words.suite.ts'

for (const describeAll of [describeStore, describeErasure, describeWords, describeAccounts])
  describeAll('the sqlite store', () => openSqliteStore(':memory:'))

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
    await first.close()
    const second = openSqliteStore(file)
    expect(second.newest()).toBe(1)
    expect((await second.read({ filter: { limit: 5 }, reader: stranger, now: NOW, upTo: 1 })).rows).toHaveLength(1)
    await second.close()
  })

  test('is in WAL mode', async () => {
    await openSqliteStore(file).close()
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
    await store.close()
  })

  test.each([
    { says: 'before it is in the index', generation: 1000 },
    { says: 'when it is in the index', generation: 2 },
  ])('has no trace left of what was erased $says', async ({ generation }) => {
    const store = openSqliteStore(file, { generation })
    const until = ['expiration', String(NOW + 1)]
    const secret = unsigned({
      pubkey: ann,
      content: 'private zebra',
      tags: [['t', 'x'], ['t', 'x'], ['i', 'x'.repeat(300)], until],
    })
    const others = ['one', 'two', 'three'].map((content) => unsigned({ pubkey: ann, content }))
    await store.put([secret, ...others].map(entry))
    const raw = new Database(file, { readonly: true })
    const indexed = raw.prepare('SELECT count(*) FROM postings WHERE seq = 1').pluck()
    const searched = raw.prepare("SELECT number FROM marks WHERE name = 'searched'").pluck()
    const isTidy = () => searched.get() === 4 && indexed.get() === (generation === 2 ? 8 : 0)
    while (!isTidy()) await new Promise((resolve) => setTimeout(resolve, 10))
    await store.sweep(NOW + 1)
    expect(indexed.get()).toBe(0)
    expect(raw.prepare('SELECT count(*) FROM events').pluck().get()).toBe(3)
    raw.close()
    await store.close()
    expect(['private', 'zebra'].filter((word) => readFileSync(file).includes(word))).toEqual([])
  })

  test('finds the most relevant first, whether its words are in the index already or not', async () => {
    const contents = ['fox fox', 'fox', 'a fox and many other animals of the forest', 'hedgehog']
    const store = openSqliteStore(file)
    await store.put(contents.map((content, at) => entry(unsigned({ pubkey: ann, content, created_at: NOW + at }))))
    const find = async () => {
      const read = { filter: { search: 'fox', limit: 9 }, reader: stranger, now: NOW, upTo: store.newest() }
      return (await store.read(read)).rows.map(({ json }) => (JSON.parse(json) as { content: string }).content)
    }
    expect((await find()).sort()).toEqual(contents.slice(0, 3).sort())
    while ((await find())[0] !== 'fox fox') await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await find()).toEqual(['fox fox', 'fox', 'a fox and many other animals of the forest'])
    await store.close()
  })

  test('copies itself while others write', async () => {
    const store = openSqliteStore(file)
    await store.put([entry(unsigned({ pubkey: ann }))])
    const copy = store.backup(`${file}.copy`)
    await store.put([entry(unsigned({ pubkey: ann, content: 'meanwhile' }))])
    await copy
    await store.close()
    const restored = openSqliteStore(`${file}.copy`)
    expect(restored.newest()).toBeGreaterThan(0)
    await restored.close()
  })

  test('two relays on one file give different numbers, and each hears of what the other one stored', async () => {
    const [left, right] = [openSqliteStore(file), openSqliteStore(file)]
    const note = (content: string) => entry(unsigned({ pubkey: ann, content }))
    const heard = async (store: Store) => (await store.others()).map(({ seq }) => seq)
    expect(await left.put([note('1')])).toEqual([{ outcome: 'stored', seq: 1 }])
    expect(await right.put([note('2'), note('3')])).toMatchObject([{ seq: 2 }, { seq: 3 }])
    expect([await heard(left), await heard(left)]).toEqual([[2, 3], []])
    expect([await heard(right), await heard(right)]).toEqual([[1], []])
    await left.put([note('4')])
    expect(await right.put([note('5')])).toMatchObject([{ seq: 5 }])
    await right.erase([note('5').event.id])
    expect(await left.put([note('6')])).toMatchObject([{ seq: 6 }])
    expect([await heard(left), await heard(right)]).toEqual([[], [4]])
    expect([left.newest(), right.newest(), await heard(right)]).toEqual([6, 6, [6]])
    await Promise.all([left.close(), right.close()])
  })

  test('hears of very many events of others piece by piece', async () => {
    const [left, right] = [openSqliteStore(file), openSqliteStore(file)]
    await right.put(Array.from({ length: 250 }, (_, at) => entry(unsigned({ pubkey: ann, content: String(at) }))))
    const seqs: number[] = []
    for (let rows = await left.others(); rows.length > 0; rows = await left.others())
      seqs.push(...rows.map(({ seq }) => seq))
    expect(seqs).toEqual(Array.from({ length: 250 }, (_, at) => at + 1))
    await Promise.all([left.close(), right.close()])
  })
})

test('a range is read in order without sorting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'))
  await openSqliteStore(join(folder, 'relay.db')).close()
  const raw = new DatabaseSync(join(folder, 'relay.db'))
  const steps = raw.prepare(`EXPLAIN QUERY PLAN ${rangeSql}`).all(...Array(8).fill(0))
  expect(steps.map(({ detail }) => detail)).toEqual([
    'SEARCH postings USING PRIMARY KEY (term=? AND (age,prefix,seq)>(?,?,?) AND age<?)',
  ])
  raw.close()
  rmSync(folder, { recursive: true })
})
