import { describe, expect, test } from 'vitest'
import { resultKind, streamKind } from './job.ts'
import { jobs } from './jobs/index.ts'
import { isLasting, isPrivate, type KindRow, kind, kinds, ruleOf, storageOf } from './kinds.ts'

const rowOf = (number: number): KindRow | undefined =>
  kinds.findLast(({ first, last }) => number >= first && number <= last)

describe('the table', () => {
  test('has no row twice and none outside 0 to 65535', () => {
    const ranges = kinds.map(({ first, last }) => `${first}-${last}`)
    expect(new Set(ranges).size).toBe(kinds.length)
    expect(kinds.filter(({ first, last }) => first > last || first < 0 || last > 65_535)).toEqual([])
  })

  test('has rows that overlap only where an exception stands inside its block and after it', () => {
    const clashes = kinds.flatMap((block, at) =>
      kinds
        .slice(at + 1)
        .filter((row) => row.first <= block.last && row.last >= block.first)
        .filter((row) => !(row.first >= block.first && row.last <= block.last))
        .map((row) => [block.name, row.name]),
    )
    expect(clashes).toEqual([])
  })

  test.each(kinds)('$name says what it is and where it comes from', ({ name, doc, source }) => {
    expect([name.length > 2, doc.length > 5]).toEqual([true, true])
    expect(source).toMatch(/^(NIP-[0-9A-F]{2}|openclaw-jobs)$/)
  })

  test.each(Object.entries(kind))('has a row for %s', (_name, number) => {
    expect(rowOf(number)).toBeDefined()
  })

  test('has the numbers that others have been told', () => {
    const { metadata, feedback, approvalRequest, decision, heartbeat, instance, checkpoint, announcement } = kind
    expect([metadata, feedback, approvalRequest, decision]).toEqual([0, 7000, 5783, 6783])
    expect([heartbeat, instance, checkpoint, announcement]).toEqual([11_998, 31_770, 31_774, 31_990])
  })

  test('has no name twice', () => {
    expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length)
  })
})

describe.each(jobs.map((job) => ({ name: job.name, job })))('the kinds of $name', ({ job }) => {
  const caller = job.asker === 'caller'

  test('stand in the rows for requests, results and streams', () => {
    expect([job.kind, resultKind(job), streamKind(job)].map((number) => rowOf(number)?.name)).toEqual(
      caller ? ['job request', 'job result', 'job stream'] : ['approval request', 'decision', 'job stream'],
    )
  })

  test('are readable by their parties only', () => {
    expect([job.kind, resultKind(job), streamKind(job)].map(isPrivate)).toEqual([true, true, true])
  })

  test('are written by whoever asks, and answered by whoever was asked', () => {
    expect([job.kind, resultKind(job), streamKind(job)].map((number) => ruleOf(number).writers)).toEqual(
      caller ? ['anyone', 'service', 'service'] : ['service', 'approver', 'service'],
    )
  })

  test('are kept, kept, and not kept', () => {
    expect([job.kind, resultKind(job), streamKind(job)].map(storageOf)).toEqual(['regular', 'regular', 'ephemeral'])
  })
})

describe('who may', () => {
  test.each([
    { number: kind.metadata, readers: 'public', writers: 'anyone' },
    { number: kind.note, readers: 'public', writers: 'anyone' },
    { number: 4, readers: 'parties', writers: 'anyone' },
    { number: kind.deletion, readers: 'public', writers: 'anyone' },
    { number: kind.giftWrap, readers: 'parties', writers: 'anyone' },
    { number: kind.comment, readers: 'public', writers: 'anyone' },
    { number: 5769, readers: 'public', writers: 'anyone' },
    { number: 5799, readers: 'parties', writers: 'anyone' },
    { number: 5800, readers: 'public', writers: 'anyone' },
    { number: 6769, readers: 'public', writers: 'anyone' },
    { number: 6799, readers: 'parties', writers: 'service' },
    { number: 6800, readers: 'public', writers: 'anyone' },
    { number: kind.feedback, readers: 'parties', writers: 'service' },
    { number: kind.heartbeat, readers: 'public', writers: 'service' },
    { number: 21_059, readers: 'parties', writers: 'anyone' },
    { number: kind.relayAuth, readers: 'public', writers: 'nobody' },
    { number: 25_800, readers: 'public', writers: 'anyone' },
    { number: kind.httpAuth, readers: 'public', writers: 'nobody' },
    { number: kind.instance, readers: 'parties', writers: 'service' },
    { number: 31_772, readers: 'parties', writers: 'service' },
    { number: kind.checkpoint, readers: 'parties', writers: 'service' },
    { number: 31_775, readers: 'parties', writers: 'service' },
    { number: 31_776, readers: 'public', writers: 'anyone' },
    { number: 9000, readers: 'public', writers: 'anyone' },
    { number: 9022, readers: 'public', writers: 'anyone' },
    { number: 39_000, readers: 'public', writers: 'relay' },
    { number: 39_009, readers: 'public', writers: 'relay' },
    { number: 39_010, readers: 'public', writers: 'anyone' },
    { number: 65_535, readers: 'public', writers: 'anyone' },
  ])('read and write kind $number: $readers, $writers', ({ number, readers, writers }) => {
    expect(ruleOf(number)).toMatchObject({ readers, writers })
  })
})

describe('storage', () => {
  test.each([
    { numbers: [0, 3, 10_000, 11_998, 19_999], storage: 'replaceable' },
    { numbers: [20_000, 22_242, 25_785, 29_999], storage: 'ephemeral' },
    { numbers: [30_000, 31_770, 31_774, 39_999], storage: 'addressable' },
    { numbers: [1, 2, 4, 5, 62, 1059, 5785, 6785, 7000, 9999, 40_000, 65_535], storage: 'regular' },
  ])('of $numbers is $storage', ({ numbers, storage }) => {
    expect(new Set(numbers.map(storageOf))).toEqual(new Set([storage]))
  })
})

test('approval requests, decisions, results and moderation outlast deletions; nothing else does', () => {
  const lasting = Array.from({ length: 65_536 }, (_, number) => number).filter(isLasting)
  const results = Array.from({ length: 30 }, (_, at) => 6770 + at)
  const moderation = Array.from({ length: 23 }, (_, at) => 9000 + at)
  expect(lasting).toEqual([5783, ...results, ...moderation])
})
