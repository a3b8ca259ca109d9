import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf } from '#tests/support/refusal'
import { type Engine, prepareDatabase } from './database.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'database-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = () => new Database(join(directory, 'test.db'))
const one = 'CREATE TABLE one (a INTEGER PRIMARY KEY); INSERT INTO one VALUES (1)'
const two = 'CREATE TABLE two (a INTEGER REFERENCES one (a))'
const three = 'CREATE TABLE three (a); NOT SQL'
const tables = (db: Database.Database) => db.prepare(`SELECT name FROM sqlite_schema ORDER BY name`).pluck().all()

describe('a prepared database', () => {
  test('writes ahead, syncs fully, waits for others, and keeps references', () => {
    const db = prepareDatabase(open(), [])
    const pragmas = ['journal_mode', 'synchronous', 'busy_timeout', 'foreign_keys']
    expect(pragmas.map((name) => db.pragma(name, { simple: true }))).toEqual(['wal', 2, 5000, 1])
    db.close()
  })

  test('is refused when the engine does not sync fully after all', async () => {
    const lax: Engine = { exec: () => undefined, pragma: (source) => (source === 'synchronous' ? 1 : 0) }
    const refusal = await refusalOf(() => prepareDatabase(lax, []))
    expect(refusal).toEqual({ code: 'internal', message: 'synchronous is 1, not FULL' })
  })

  test('has every migration, each applied once, in order', () => {
    prepareDatabase(open(), [one]).close()
    prepareDatabase(open(), [one, two]).close()
    const db = prepareDatabase(open(), [one, two])
    expect(tables(db)).toEqual(['one', 'two'])
    expect(db.prepare('SELECT count(*) FROM one').pluck().get()).toBe(1)
    expect(db.pragma('user_version', { simple: true })).toBe(2)
    db.close()
  })

  test('is left as it was by a migration that fails, and those before it stay', () => {
    const db = open()
    expect(() => prepareDatabase(db, [one, three])).toThrow(/syntax error/)
    db.close()
    const again = open()
    expect([tables(again), again.pragma('user_version', { simple: true })]).toEqual([['one'], 1])
    expect(tables(prepareDatabase(again, [one, two]))).toEqual(['one', 'two'])
    again.close()
  })

  test('refuses a file of a newer program and leaves it alone', async () => {
    prepareDatabase(open(), [one, two]).close()
    const db = open()
    const message = 'the data was written by a newer version (schema 2, this one knows 1)'
    expect(await refusalOf(() => prepareDatabase(db, [one]))).toEqual({ code: 'conflict', message })
    expect(db.pragma('user_version', { simple: true })).toBe(2)
    db.close()
  })
})
