import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { randomFrom } from '#relay/testing/random'
import { connect } from '#relay/testing/wire'
import { seed } from '../seeds.ts'
import type { Writer } from '../writer.ts'
import { smallDisks } from './small-disks.ts'
import { openStage, type Setting, type Stage, until } from './stage.ts'

async function stageFor(setting: Omit<Setting, 'random'> = {}): Promise<Stage> {
  const stage = await openStage({ ...setting, random: randomFrom(seed) })
  onTestFinished(() => stage.end())
  return stage
}

const stored = ({ ledger }: Stage) => ledger.acknowledged.size
const refusals = (writers: readonly Writer[]) => writers.flatMap(({ refused }) => refused)
const errors = (writers: readonly Writer[]) => refusals(writers).filter((reason) => reason.startsWith('error: ')).length

const someAreStored = (stage: Stage) => {
  const before = stored(stage)
  return until('events are stored', () => stored(stage) >= before + 30)
}
const everyWriterIsRefused = (writers: readonly Writer[]) => {
  const before = errors(writers)
  return until('writers are refused', () => errors(writers) >= before + 10 * writers.length)
}
async function isServing({ url }: Stage): Promise<void> {
  const reader = await connect(url)
  expect((await reader.ask('meanwhile', { limit: 5 })).ids).toHaveLength(5)
  reader.socket.terminate()
}

/** All was answered with what NIP-01 has a word for, and nothing that was acknowledged is lost. */
async function endsWell(stage: Stage, writers: readonly Writer[]): Promise<void> {
  await Promise.all(writers.map((writer) => writer.stop()))
  expect(refusals(writers).filter((reason) => !/^(error|replaced|deleted): /.test(reason))).toEqual([])
  expect(await stage.look(), `seed ${seed}`).toEqual([])
}

describe('a disk that fails while the relay runs is answered with an error, and it goes on by itself afterwards', () => {
  test.each(['full', 'readOnly', 'syncFails'] as const)('%s', async (fault) => {
    const stage = await stageFor()
    const writers = await stage.write(4)
    await someAreStored(stage)
    stage.set(fault)
    await everyWriterIsRefused(writers)
    await isServing(stage)
    stage.set('none')
    await someAreStored(stage)
    await endsWell(stage, writers)
    await stage.restart()
    expect(await stage.look(), `seed ${seed}`).toEqual([])
  })

  test.each(smallDisks)('$name', async ({ run, grow }) => {
    const stage = await stageFor({ run })
    const writers = await stage.write(4)
    await someAreStored(stage)
    await everyWriterIsRefused(writers)
    await isServing(stage)
    grow(stage.relay, stage.disk)
    await someAreStored(stage)
    await endsWell(stage, writers)
  })

  test('a database that another program has locked', async () => {
    const stage = await stageFor()
    const writers = await stage.write(2)
    await someAreStored(stage)
    const other = new Database(stage.file)
    onTestFinished(() => {
      other.close()
    })
    other.exec('BEGIN IMMEDIATE')
    const before = errors(writers)
    await until('writers are refused', () => errors(writers) > before)
    await isServing(stage)
    other.exec('ROLLBACK')
    await someAreStored(stage)
    await endsWell(stage, writers)
  })
})

test('a relay whose disk cannot be written from the start serves what it has and refuses what is new', async () => {
  const stage = await stageFor()
  const first = await stage.write(1)
  await someAreStored(stage)
  stage.set('readOnly')
  await stage.restart()
  await isServing(stage)
  const writers = await stage.write(1)
  await everyWriterIsRefused(writers)
  await endsWell(stage, [...first, ...writers])
  stage.set('none')
  await stage.restart()
  await stage.write(1)
  await someAreStored(stage)
})
