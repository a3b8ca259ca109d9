import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { type ErrandOptions, errand, inputOf } from '../testing/errand.ts'
import { entry, NOW, person, unsigned } from '../testing/events.ts'
import { randomFrom } from '../testing/random.ts'

let store: Store
beforeEach(() => {
  store = openSqliteStore(':memory:')
})
afterEach(() => store.close())

/** Runs a command to its end; gives its exit code, what it wrote line by line, and what it told. */
async function run(argv: string[], options: Partial<ErrandOptions> = {}) {
  const one = errand(argv, { store, ...options })
  const code = await one.ended
  return { code, lines: one.out().split('\n').slice(0, -1), told: one.told }
}

const idsIn = (lines: readonly string[]): string[] => lines.map((line) => (JSON.parse(line) as NostrEvent).id)
const has = async (event: { id: string }): Promise<boolean> => (await store.get(event.id)) !== undefined
const pen = person()

describe('import', () => {
  test('takes events with their fields in any order, and tells how it went', async () => {
    const [one, two] = [pen.sign({ content: 'é ☃' }), pen.sign({ content: '2', tags: [['t', 'x']] })]
    const turned = Object.fromEntries(Object.entries(one).reverse())
    const { code, told } = await run(['import'], { input: inputOf([{ ...turned, fried: '00' }, '', two, one]) })
    expect([code, told.at(-1)]).toEqual([0, 'Done. Processed 3 lines. 2 added, 0 rejected, 1 dups'])
    expect(await store.get(one.id)).toEqual(one)
  })

  test('checks ids and signatures, and tells whose event is not taken when asked to', async () => {
    const good = pen.sign({})
    const bad = { ...good, sig: `${good.sig.slice(0, -2)}00` }
    const input = () => inputOf([bad, { ...good, content: 'other' }, 'no JSON', { id: 'x' }, [1]])
    const quiet = await run(['import'], { input: input() })
    expect(quiet.told).toEqual([
      'Unable to parse JSON on line 3',
      'Done. Processed 4 lines. 0 added, 4 rejected, 0 dups',
    ])
    const { told } = await run(['import', '--show-rejected'], { input: input() })
    expect(told.toSorted()).toEqual(
      [
        `Rejected event ${bad.id}: invalid: bad signature`,
        `Rejected event ${bad.id}: invalid: bad event id`,
        'Rejected event x: invalid: unexpected id size',
        'Rejected event ?: invalid: event is not an object',
        ...quiet.told,
      ].toSorted(),
    )
  })

  test('takes ids and signatures as they are with --no-verify, but nothing that is no event', async () => {
    const event = unsigned({ pubkey: pen.pubkey })
    const input = inputOf([{ ...event }, { ...event, id: 'f'.repeat(64) }, { ...event, kind: -1 }])
    const { told } = await run(['import', '--no-verify'], { input })
    expect(told).toEqual([
      'not verifying event IDs or signatures!',
      'Done. Processed 3 lines. 2 added, 1 rejected, 0 dups',
    ])
  })

  test('refuses what a relay would not keep, and keeps the order of replacements', async () => {
    const [old, young] = [pen.sign({ kind: 0, created_at: NOW - 10 }), pen.sign({ kind: 0, created_at: NOW - 5 })]
    const deleted = pen.sign({ content: 'gone' })
    const { told } = await run(['import', '--show-rejected', '--write-batch=2', '--debounce-millis', '0'], {
      input: inputOf([
        young,
        old,
        pen.sign({ kind: 5, tags: [['e', deleted.id]] }),
        deleted,
        pen.sign({ kind: 20_001 }),
        pen.sign({ tags: [['expiration', String(NOW)]] }),
      ]),
    })
    expect(told.map((line) => line.replace(/^Rejected event \w+: /, ''))).toEqual(
      expect.arrayContaining([
        'replaced: have newer event',
        'deleted: user requested deletion',
        'invalid: ephemeral events are not stored',
        'invalid: event expired',
        'Done. Processed 6 lines. 2 added, 4 rejected, 0 dups',
      ]),
    )
  })

  test('takes service kinds and other private ones: whoever may write the file may write them', async () => {
    const job = pen.sign({ kind: 7000, tags: [['p', pen.pubkey]] })
    await run(['import'], { input: inputOf([job]) })
    expect(await has(job)).toBe(true)
  })

  test('fails aloud when nothing can be written', async () => {
    const full = { ...store, put: () => Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' })) }
    const { code, told } = await run(['import'], { store: full, input: inputOf([pen.sign({})]) })
    expect([code, told.at(-1)]).toEqual([1, 'error: the disk is full'])
  })

  test('ends when it is told to, and keeps what it has taken', async () => {
    const event = pen.sign({})
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${JSON.stringify(event)}\n`)
      await new Promise(() => undefined)
    }
    const one = errand(['import'], { store, input: endless() })
    await expect.poll(() => has(event)).toBe(true)
    one.stop()
    expect(await one.ended).toBe(0)
  })
})

describe('with events of everybody in the store', () => {
  let events: NostrEvent[]
  beforeEach(async () => {
    events = [
      pen.sign({ created_at: 5, content: 'old' }),
      pen.sign({ created_at: NOW - 100, kind: 4, tags: [['p', pen.pubkey]] }),
      pen.sign({ created_at: NOW - 50, tags: [['t', 'x']] }),
      pen.sign({ created_at: NOW - 10, kind: 1111 }),
    ]
    await run(['import'], { input: inputOf(events) })
  })
  const ids = (...at: number[]): string[] => at.map((index) => events[index]?.id ?? '')

  test.each([
    { argv: ['export'], finds: [0, 1, 2, 3] },
    { argv: ['export', '--reverse'], finds: [3, 2, 1, 0] },
    { argv: ['export', '--since=6'], finds: [1, 2, 3] },
    { argv: ['export', '--until', String(NOW - 50)], finds: [0, 1, 2] },
    { argv: ['export', '--reverse', `--since=${NOW - 100}`, `--until=${NOW - 50}`], finds: [2, 1] },
    { argv: ['scan', '{}'], finds: [3, 2, 1, 0] },
    { argv: ['scan', '{"kinds":[1],"limit":1}'], finds: [2] },
    { argv: ['scan', '[{"kinds":[1]},{"since":6}]'], finds: [2, 0, 3, 1] },
    { argv: ['scan', '--pause=1000', '{"#t":["x"]}'], finds: [2] },
    { argv: ['scan', '[]'], finds: [] },
  ])('$argv writes them out', async ({ argv, finds }) => {
    const { code, lines } = await run(argv)
    expect([code, idsIn(lines)]).toEqual([0, ids(...finds)])
  })

  test('what is exported can be imported elsewhere, and is the same there', async () => {
    const { lines } = await run(['export'])
    const other = openSqliteStore(':memory:')
    await run(['import'], { store: other, input: inputOf(lines) })
    expect((await run(['export'], { store: other })).lines).toEqual(lines)
    await other.close()
  })

  test.each([
    { filter: '{}', count: 4 },
    { filter: '[{"kinds":[1]},{"since":6}]', count: 4 },
    { filter: '{"kinds":[7]}', count: 0 },
    { filter: '{"limit":3}', count: 3 },
  ])('scan --count says how many match $filter', async ({ filter, count }) => {
    expect((await run(['scan', '--count', filter])).lines).toEqual([String(count)])
  })

  test('scan --metrics tells how long it took', async () => {
    expect((await run(['scan', '--metrics', '{}'])).told).toEqual([
      expect.stringMatching(/^scan: 4 events in [\d.]+ ms$/),
    ])
  })

  test.each([
    { argv: ['delete', '--filter={"kinds":[1]}'], told: 'Deleting 2 events', left: [1, 3] },
    { argv: ['delete', '--age=50'], told: 'Deleting 3 events', left: [3] },
    { argv: ['delete', '--age', '50', '--filter', '{"kinds":[1]}'], told: 'Deleting 2 events', left: [1, 3] },
    { argv: ['delete', '--age=0', '--dry-run'], told: 'Would delete 4 events', left: [0, 1, 2, 3] },
  ])('$argv erases them', async ({ argv, told, left }) => {
    const done = await run(argv)
    expect([done.code, done.told]).toEqual([0, [told]])
    expect(idsIn((await run(['export'])).lines)).toEqual(ids(...left))
  })

  test('compact copies them into a file, or to the output', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'compact-'))
    const file = join(folder, 'copy.db')
    expect((await run(['compact', file])).code).toBe(0)
    const copy = openSqliteStore(file)
    expect((await run(['export'], { store: copy })).lines).toEqual((await run(['export'])).lines)
    await copy.close()
    expect(await run(['compact', file])).toMatchObject({ code: 1, told: [`error: ${file} is there already`] })
    rmSync(folder, { recursive: true })
  })
})

test('monitor writes what would go out live to the subscription of interest', async () => {
  const events = [pen.sign({ content: 'a' }), pen.sign({ kind: 7, tags: [['t', 'x']] }), pen.sign({ kind: 1111 })]
  await run(['import'], { input: inputOf(events) })
  const monitor = async (...lines: unknown[]) =>
    idsIn((await run(['monitor'], { input: inputOf(lines.map((line) => JSON.stringify(line))) })).lines)
  const mine = ['sub', 9, 'mine', [{ kinds: [1] }, { '#t': ['x'] }]]
  const others = [
    ['sub', 1, 'mine', [{}]],
    ['sub', 9, 'other', { kinds: [1111] }],
  ]
  expect(await monitor(...others, mine, ['interest', 9, 'mine'])).toEqual([events[0]?.id, events[1]?.id])
  expect(await monitor(['interest', 9, 'mine'], ['sub', 9, 'mine', {}], mine, ['closeConn', 1])).toHaveLength(2)
  expect(await monitor(mine, ['interest', 9, 'mine'], ['removeSub', 9, 'mine'])).toEqual([])
  expect(await monitor(mine, ['interest', 9, 'mine'], ['closeConn', 9])).toEqual([])
  expect(await run(['monitor'], { input: inputOf(['["sup"]']) })).toMatchObject({ code: 1 })
})

test('export turns time round whatever it looks like: crowded seconds, wide gaps, the very first one', async () => {
  const random = randomFrom(7)
  const dates = [
    0,
    ...Array.from({ length: 2500 }, () => 1_700_000_000),
    ...Array.from({ length: 2500 }, () => random.whole(NOW)),
  ]
  const events = dates.map((created_at, at) => unsigned({ pubkey: pen.pubkey, created_at, content: String(at) }))
  for (let at = 0; at < events.length; at += 500) await store.put(events.slice(at, at + 500).map(entry))
  const { lines } = await run(['export'])
  const found = lines.map((line) => JSON.parse(line) as NostrEvent)
  expect(found.map(({ created_at }) => created_at)).toEqual(dates.toSorted((a, b) => a - b))
  expect(new Set(found.map(({ id }) => id)).size).toBe(dates.length)
})

describe('commands that have little to say here', () => {
  test.each([
    { argv: ['info'], code: 0, lines: [expect.stringMatching(/^DB version: \d+$/)], told: [] },
    { argv: ['negentropy', 'list'], code: 0, lines: [], told: [expect.stringMatching(/^No trees are kept/)] },
    { argv: ['negentropy', 'add', '{"kinds":[0]}'], code: 0, lines: [], told: [expect.stringMatching(/^No trees/)] },
    { argv: ['negentropy', 'build', '2'], code: 0, lines: [], told: [expect.stringMatching(/^No trees/)] },
    { argv: ['dict', 'stats'], code: 1, lines: [], told: [expect.stringMatching(/^error: there are no compression/)] },
  ])('$argv', async ({ argv, ...is }) => {
    expect(await run(argv)).toEqual(is)
  })
})

describe('a command that cannot be followed', () => {
  test.each([
    { argv: ['scan'], says: /usage: scan \[--pause=<pause>\] \[--metrics\] \[--count\] <filter>/ },
    { argv: ['scan', '{}', '{}'], says: /usage: scan/ },
    { argv: ['scan', '--all', '{}'], says: /Unknown option '--all'; usage: scan/ },
    { argv: ['scan', '{'], says: /not a JSON object/ },
    { argv: ['scan', '{"kind":1}'], says: /unrecognised filter item: kind/ },
    { argv: ['export', '--since=yesterday'], says: /--since has to be a whole number/ },
    { argv: ['export', '--fried'], says: /no fried exports/ },
    { argv: ['delete'], says: /must specify --age and\/or --filter/ },
    { argv: ['delete', '--age=1', '--filter={"until":1}'], says: /--age is not compatible/ },
    { argv: ['negentropy', 'build'], says: /takes one word/ },
    { argv: ['negentropy', 'drop'], says: /usage: negentropy list/ },
    { argv: ['sync', 'ws://127.0.0.1:1', '--dir=left'], says: /invalid direction: left/ },
    { argv: ['sync', 'ws://127.0.0.1:1', '--print-missing', '--dir=up'], says: /requires --dir=none/ },
    { argv: ['sync', 'ws://127.0.0.1:1', '--frame-size-limit=5'], says: /at least 4096/ },
    { argv: ['sync', 'ws://127.0.0.1:1'], says: /ws:\/\/127\.0\.0\.1:1 cannot be reached/ },
    { argv: ['download', 'nowhere'], says: /nowhere is no address of a relay/ },
    { argv: ['download', 'ws://127.0.0.1:1', '--range=1y-'], says: /1y is no time/ },
    { argv: ['download', 'ws://127.0.0.1:1', '--range=1d-2d'], says: /ends before it begins/ },
    { argv: ['download', 'ws://127.0.0.1:1', '--range=1d-', '--filter={"since":1}'], says: /do not go together/ },
    { argv: ['stream', 'ws://127.0.0.1:1', '--dir=none'], says: /invalid direction: none/ },
    { argv: ['router', '/no/such/file'], says: /.+/ },
  ])('$argv is refused with a sentence', async ({ argv, says }) => {
    const { code, told, lines } = await run(argv)
    expect([code, lines]).toEqual([1, []])
    expect(told.at(-1)).toMatch(/^error: /)
    expect(told.at(-1)).toMatch(says)
  })
})
