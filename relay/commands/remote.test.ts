import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SignedEvent } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import type { Source } from '../plugin/plugin.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { type Errand, type ErrandOptions, errand, inputOf } from '../testing/errand.ts'
import { entry, NOW, person } from '../testing/events.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'

const pen = person()
let here: Store
let relay: TestRelay
let running: Errand[]
beforeEach(async () => {
  here = openSqliteStore(':memory:')
  relay = await serveRelay({ verify: () => true })
  running = []
})
afterEach(async () => {
  for (const one of running) one.stop()
  await Promise.all(running.map(({ ended }) => ended))
  await relay.close()
  await here.close()
})

function start(argv: string[], options: Partial<ErrandOptions> = {}): Errand {
  const one = errand(argv, { store: here, ...options })
  running.push(one)
  return one
}

/** Runs a command to its end; gives its exit code, what it wrote line by line, and what it told. */
async function run(argv: string[], options: Partial<ErrandOptions> = {}) {
  const one = start(argv, options)
  const code = await one.ended
  return { code, lines: one.out().split('\n').slice(0, -1), told: one.told }
}

const put = (store: Store, ...events: NostrEvent[]) =>
  store.put(events.map((event) => entry(SignedEvent.open(event, () => true)))).then(() => events)
/** Puts events with their true signatures. */
async function sign(store: Store, ...contents: string[]): Promise<NostrEvent[]> {
  const events = contents.map((content) => pen.sign({ content }))
  const { ended } = errand(['import'], { store, input: inputOf(events) })
  await ended
  return events
}
const has = async (store: Store, { id }: NostrEvent): Promise<boolean> => (await store.get(id)) !== undefined
const hasAll = async (store: Store, events: readonly NostrEvent[]): Promise<boolean[]> =>
  Promise.all(events.map((event) => has(store, event)))

describe('upload', () => {
  test('sends what comes in, so many at a time, and tells what the relay took', async () => {
    const events = Array.from({ length: 30 }, (_, at) => pen.sign({ content: String(at) }))
    const input = inputOf([...events, pen.sign({ created_at: NOW + 100_000 }), 'no JSON'])
    const { code, told } = await run(['upload', '--pipeline=7', relay.url], { input })
    expect([code, told.at(-1)]).toEqual([0, 'Sent 31 events, 30 accepted'])
    expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^Event not written: .*created_at too late/)]))
    expect(await hasAll(relay.store, events)).not.toContain(false)
  })

  test('ends where there is nothing to send', async () => {
    expect(await run(['upload', relay.url])).toMatchObject({ code: 0, told: ['Sent 0 events, 0 accepted'] })
  })
})

describe('download', () => {
  test('writes what the relay has, newest first', async () => {
    const [old, young] = await put(relay.store, pen.sign({ created_at: NOW - 9000 }), pen.sign({ kind: 1111 }))
    expect((await run(['download', relay.url])).lines.map((line) => JSON.parse(line))).toEqual([young, old])
    const ranged = await run(['download', relay.url, '--range=3h-1h', '--filter', '{"kinds":[1]}'])
    expect(ranged.lines.map((line) => JSON.parse(line))).toEqual([old])
  })

  test('tells when it is refused', async () => {
    const { code, told } = await run(['download', relay.url, '--filter={"kinds":[4]}'])
    expect([code, told.at(-1)]).toEqual([1, expect.stringMatching(/^error: the relay refused: auth-required: /)])
  })
})

describe('sync', () => {
  test('brings each side what it lacks', async () => {
    const [ours, theirs] = [await sign(here, 'a', 'b', 'shared'), await sign(relay.store, 'c', 'd', 'shared')]
    const { code, told } = await run(['sync', relay.url])
    expect([code, told]).toEqual([0, ['Filter matches 3 events', 'Set reconcile complete. Have 2 need 2']])
    expect(await hasAll(here, theirs)).not.toContain(false)
    expect(await hasAll(relay.store, ours)).not.toContain(false)
  })

  test.each([
    { dir: 'down', down: true, up: false },
    { dir: 'up', down: false, up: true },
    { dir: 'none', down: false, up: false },
  ])('goes $dir only when it is told to', async ({ dir, down, up }) => {
    const [[ours], [theirs]] = [await sign(here, 'a'), await sign(relay.store, 'b')]
    await run(['sync', relay.url, `--dir=${dir}`])
    expect([await has(here, theirs as NostrEvent), await has(relay.store, ours as NostrEvent)]).toEqual([down, up])
  })

  test('says what each side lacks', async () => {
    const [[ours], [theirs]] = [await sign(here, 'a'), await sign(relay.store, 'b')]
    const { lines } = await run(['sync', relay.url, '--print-missing'])
    expect(lines).toEqual([`have,${ours?.id}`, `need,${theirs?.id}`])
  })

  test('compares what the filter names only', async () => {
    const [one, two] = [pen.sign({ kind: 1111, created_at: NOW - 10 }), pen.sign({ kind: 1, created_at: NOW - 9000 })]
    await put(here, one, two)
    const missing = async (...argv: string[]) => (await run(['sync', relay.url, '--print-missing', ...argv])).lines
    expect(await missing('--filter={"kinds":[1]}')).toEqual([`have,${two.id}`])
    expect(await missing('--range=1h-')).toEqual([`have,${one.id}`])
  })

  test('carries nothing private away, not even where both sides have some', async () => {
    const events = [
      pen.sign({ kind: 4, tags: [['p', pen.pubkey]] }),
      pen.sign({ kind: 1059, tags: [['p', pen.pubkey]] }),
      pen.sign({ kind: 5770, tags: [['p', pen.pubkey]] }),
      pen.sign({ kind: 9, tags: [['h', 'club']] }),
      pen.sign({ kind: 1, content: 'open' }),
    ]
    await put(here, ...events)
    await run(['sync', relay.url])
    expect(await hasAll(relay.store, events)).toEqual([false, false, false, false, true])
  })

  test('asks the write policy about what comes in', async () => {
    const [good, bad] = await sign(relay.store, 'good', 'bad')
    const asked: Source[] = []
    const { told } = await run(['sync', relay.url], {
      async plugin({ content }, source) {
        asked.push(source)
        return content === 'bad' ? { action: 'reject', msg: 'not that' } : { action: 'accept', msg: '' }
      },
    })
    expect(await hasAll(here, [good, bad] as NostrEvent[])).toEqual([true, false])
    expect(asked).toEqual([
      { type: 'Sync', info: relay.url },
      { type: 'Sync', info: relay.url },
    ])
    expect(told).toContain(`write policy blocked event ${bad?.id}: not that`)
  })

  test('takes nothing that is not signed rightly', async () => {
    const forged = { ...pen.sign({}), sig: '0'.repeat(128) }
    await put(relay.store, forged)
    const { told } = await run(['sync', relay.url])
    expect(await has(here, forged)).toBe(false)
    expect(told).toContain(`Rejected event ${forged.id}: invalid: bad signature`)
  })

  test('ends at a relay that does not do it', async () => {
    await relay.close()
    relay = await serveRelay({ env: { RELAY_MAX_SYNC_EVENTS: '0' } })
    expect(await run(['sync', relay.url])).toMatchObject({ code: 1 })
  })
})

describe('stream', () => {
  test('brings down what is new over there', async () => {
    await sign(relay.store, 'before')
    const one = start(['stream', relay.url])
    await expect.poll(() => one.told).toContain(`stream: Connected to ${relay.url}`)
    const event = pen.sign({ content: 'new' })
    await (await relay.client()).publish(event)
    await expect.poll(() => has(here, event)).toBe(true)
    expect((await here.arrivals(0, 10)).length).toBe(1)
  })

  test('sends up what is new here, but nothing private and not before it is asked to', async () => {
    await sign(here, 'before')
    const one = start(['stream', relay.url, '--dir=up'])
    await expect.poll(() => one.told).toContain(`stream: Connected to ${relay.url}`)
    const [secret, open] = [pen.sign({ kind: 1059, tags: [['p', pen.pubkey]] }), pen.sign({ content: 'open' })]
    await put(here, secret, open)
    await expect.poll(() => has(relay.store, open)).toBe(true)
    expect((await relay.store.arrivals(0, 10)).map(({ id }) => id)).toEqual([open.id])
  })

  test('does not send back what has just come from there', async () => {
    const one = start(['stream', relay.url, '--dir', 'both'])
    await expect.poll(() => one.told).toContain(`stream: Connected to ${relay.url}`)
    const [theirs, ours] = [pen.sign({ content: 'theirs' }), pen.sign({ content: 'ours' })]
    await (await relay.client()).publish(theirs)
    await expect.poll(() => has(here, theirs)).toBe(true)
    await put(here, ours)
    await expect.poll(() => has(relay.store, ours)).toBe(true)
    expect(relay.metrics.text()).toContain('strfry_write_dups_total 0\n')
  })
})

describe('router', { timeout: 20_000 }, () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'router-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const file = () => join(folder, 'router.conf')
  const write = (streams: string) => writeFileSync(file(), `connectionTimeout = 20\nstreams {\n${streams}\n}\n`)

  test('streams each group its way, through its filter and its plugins', async () => {
    write(`notes { dir = "down" filter = { "kinds": [1] } pluginDown = "down.sh" urls = [ "${relay.url}" ] }
           comments { dir = "up" filter = { "kinds": [1111] } pluginUp = "up.sh" urls = [ "${relay.url}" ] }`)
    const plugins: (() => string)[] = []
    const asked: unknown[] = []
    const one = start(['router', file()], {
      onPlugin: (command) => plugins.push(command),
      async plugin({ content }, source) {
        asked.push({ content, ...source })
        return { action: content === 'bad' ? 'reject' : 'accept', msg: 'not that' }
      },
    })
    await expect.poll(() => one.told.filter((line) => line.includes('Connected to'))).toHaveLength(2)
    const client = await relay.client()
    const [bad, good, other] = [pen.sign({ content: 'bad' }), pen.sign({ content: 'good' }), pen.sign({ kind: 1111 })]
    for (const event of [bad, other, good]) await client.publish(event)
    await expect.poll(() => has(here, good)).toBe(true)
    const [up, note] = [pen.sign({ kind: 1111, content: 'up' }), pen.sign({ content: 'stays' })]
    await put(here, note, up)
    await expect.poll(() => has(relay.store, up)).toBe(true)
    expect(await hasAll(here, [bad, other])).toEqual([false, false])
    expect(await has(relay.store, note)).toBe(false)
    expect(plugins.map((command) => command())).toEqual(['down.sh', '', '', 'up.sh'])
    expect(asked).toEqual([
      { content: 'bad', type: 'Stream', info: relay.url },
      { content: 'good', type: 'Stream', info: relay.url },
      { content: 'up', type: 'Stored', info: '' },
    ])
    expect(one.told).toContain(`notes / ${relay.url} : pluginDown blocked event ${bad.id}: not that`)
  })

  test('follows its file, keeps what is the same, and goes on when the file is wrong', async () => {
    write(`a { dir = "down" urls = [ "${relay.url}" ] }`)
    const one = start(['router', file()])
    const connected = () => one.told.filter((line) => line.includes('Connected to'))
    await expect.poll(connected).toEqual([`a: Connected to ${relay.url}`])
    write('a { dir = "sideways" urls = [ "x" ] }')
    await expect
      .poll(() => one.told.at(-1), { timeout: 5000 })
      .toMatch(/^Failed to parse router config: streams\.a needs dir/)
    write(`a { dir = "down" urls = [ "${relay.url}" ] }\n b { dir = "up" urls = [ "${relay.url}" ] }`)
    await expect
      .poll(connected, { timeout: 5000 })
      .toEqual([`a: Connected to ${relay.url}`, `b: Connected to ${relay.url}`])
    const event = pen.sign({ content: 'still here' })
    await (await relay.client()).publish(event)
    await expect.poll(() => has(here, event)).toBe(true)
  })

  test.each([
    { text: 'verbose = false', says: /no section "streams"/ },
    { text: 'streams { a = 3 }', says: /streams\.a is no section/ },
    { text: 'streams { a { urls = ["ws://x"] } }', says: /streams\.a needs dir/ },
    { text: 'streams { a { dir = "up" urls = [] } }', says: /streams\.a needs urls/ },
    { text: 'streams { a { dir = "up" urls = ["http://x"] } }', says: /streams\.a needs urls/ },
    { text: 'streams { a { dir = "up" urls = ["ws://x"] filter = { "kind": 1 } } }', says: /unrecognised filter item/ },
    { text: 'streams {', says: /line 1: a block is not closed/ },
  ])('does not start with $text', async ({ text, says }) => {
    writeFileSync(file(), text)
    expect(await run(['router', file()])).toMatchObject({ code: 1, told: [expect.stringMatching(says)] })
  })
})
