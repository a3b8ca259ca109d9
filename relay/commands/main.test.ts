import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { systemClock } from '#nips/kit/clock'
import { person } from '../testing/events.ts'
import { type RelayProcess, startRelay } from '../testing/process.ts'
import { connect, is } from '../testing/wire.ts'

const pen = person(systemClock().now)
let folder: string
let relay: RelayProcess | undefined
let children: ChildProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strfry-'))
  children = []
  relay = undefined
  symlinkSync(fileURLToPath(new URL('../strfry', import.meta.url)), join(folder, 'strfry'))
  writeFileSync(join(folder, 'strfry.conf'), 'db = "./strfry-db/"\nrelay { port = 0 }\n')
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  relay?.child.kill('SIGKILL')
  await relay?.ended
  rmSync(folder, { recursive: true })
})

type Ended = { code: number | null; out: string; told: string }

/** Runs `./strfry …` as a program in the folder would. */
function strfry(argv: readonly string[], input = ''): Promise<Ended> {
  const env = { PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) }
  const child = spawn(join(folder, 'strfry'), argv, { cwd: folder, env, stdio: 'pipe' })
  children.push(child)
  const said = { out: '', told: '' }
  child.stdout.on('data', (text) => {
    said.out += text
  })
  child.stderr.on('data', (text) => {
    said.told += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })))
}

const linesOf = (...events: NostrEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('')

describe('strfry, where a program expects it', { timeout: 60_000 }, () => {
  test('imports into the file of a relay that runs, which sends the events out live, and exports them again', async () => {
    relay = startRelay(
      { RELAY_DB: join(folder, 'strfry-db', 'relay.db'), RELAY_KEY: join(folder, 'key'), RELAY_PORT: '0' },
      process.execPath,
    )
    const { host, port } = await relay.line('relay.listening')
    const client = await connect(`ws://${host}:${port}`)
    await client.ask('live', { kinds: [1] })
    const events = [pen.sign({ content: 'one' }), pen.sign({ content: 'two' })]
    const imported = await strfry(['import'], linesOf(...events))
    expect(imported).toMatchObject({ code: 0, out: '' })
    expect(imported.told).toContain('Done. Processed 2 lines. 2 added, 0 rejected, 0 dups')
    const heard = [await client.next(is('EVENT', 'live')), await client.next(is('EVENT', 'live'))]
    expect(heard.map(([, , event]) => event)).toEqual(events)
    expect((await client.ask('stored', { limit: 5 })).ids).toHaveLength(2)
    expect((await strfry(['export'])).out.split('\n').filter(Boolean)).toHaveLength(2)
    await strfry(['delete', '--filter', '{"kinds":[1]}'])
    await expect.poll(async () => (await client.ask('gone', { limit: 5 })).ids).toEqual([])
    client.socket.terminate()
  })

  test('takes the options that stand before the command, and tells only failures when it is told to', async () => {
    const told = await strfry(['--set', 'nonsense=1', 'info'])
    expect(told).toMatchObject({ code: 1, out: '' })
    expect(told.told).toContain('error: --set: strfry.conf has no key "nonsense"')
    expect(await strfry(['--verbosity=ERROR', '--config', 'strfry.conf', 'info'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^DB version: \d+\n$/),
      told: '',
    })
    expect(await strfry(['--verbosity=ERROR', 'scan', '{'])).toMatchObject({
      code: 1,
      told: 'error: the filter is not a JSON object\n',
    })
  })

  test.each([
    { argv: [], says: /^Usage: strfry .*\n(.*\n)+ {2}import +reads/ },
    { argv: ['--help'], says: /^Usage: strfry/ },
    { argv: ['sync', '--help'], says: /^Usage: strfry sync .*\[--print-missing\].* <url>\n(.*\n)+ {2}--dir/ },
    { argv: ['--version'], says: /^openagents relay \d/ },
  ])('tells how it is used: $argv', async ({ argv, says }) => {
    expect(await strfry(argv)).toMatchObject({ code: 0, out: expect.stringMatching(says) })
  })

  test('does not know every word', async () => {
    expect(await strfry(['fry'])).toMatchObject({ code: 1, told: expect.stringContaining('unknown command: fry') })
  })
})
