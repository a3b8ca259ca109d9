import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '#nips/kit/clock'
import { person } from '../testing/events.ts'
import { type RelayProcess, startRelay } from '../testing/process.ts'
import { connect } from '../testing/wire.ts'

let folder: string
let started: RelayProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conf-'))
  started = []
})
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL')
  await Promise.all(started.map(({ ended }) => ended))
  rmSync(folder, { recursive: true })
})

const path = (name: string) => join(folder, name)

function start(argv: string[], env: Record<string, string> = {}): RelayProcess {
  const relay = startRelay(
    { RELAY_KEY: path('relay.key'), PATH: process.env.PATH ?? '', ...env },
    process.execPath,
    argv,
  )
  started.push(relay)
  return relay
}

const conf = (text: string) =>
  writeFileSync(path('strfry.conf'), `db = "${folder}/db/"\nrelay {\n port = 0\n ${text}\n}\n`)

async function infoOf(relay: RelayProcess): Promise<Record<string, unknown>> {
  const { host, port } = await relay.line('relay.listening')
  const answer = await fetch(`http://${host}:${port}`, { headers: { accept: 'application/nostr+json' } })
  return (await answer.json()) as Record<string, unknown>
}

describe('the relay with a strfry.conf', { timeout: 60_000 }, () => {
  test('does what the file says, the environment before it and --set before both', async () => {
    conf('info { name = "file" description = "file" contact = "file" }\n maxFilterLimit = 7\n nonsense = 1')
    const relay = start(['--set=relay.info.name=line', 'relay'], {
      STRFRY_CONFIG: path('strfry.conf'),
      RELAY_NAME: 'environment',
      RELAY_DESCRIPTION: 'environment',
    })
    expect(await infoOf(relay)).toMatchObject({
      name: 'line',
      description: 'environment',
      contact: 'file',
      limitation: { max_limit: 7 },
    })
    expect(await relay.line('config.unknown')).toMatchObject({ keys: ['relay.nonsense (line 6)'] })
    expect(await relay.line('relay.listening')).toMatchObject({ db: path('db/relay.db') })
  })

  test('follows changes of the file, keeps what it had when the file is wrong, and runs a plugin of it', async () => {
    conf('info { name = "one" }')
    const relay = start(['--config', path('strfry.conf'), 'relay'])
    expect(await infoOf(relay)).toMatchObject({ name: 'one' })
    conf('info { name = }')
    expect(await relay.line('config.kept')).toMatchObject({
      message: expect.stringMatching(/line 4: a value is expected/),
    })
    writeFileSync(
      path('plugin.cjs'),
      `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) =>
        console.log(JSON.stringify({ id: JSON.parse(line).event.id, action: 'reject', msg: 'blocked: by the plugin' })))`,
    )
    conf(`info { name = "two" } writePolicy { plugin = "'${process.execPath}' ${path('plugin.cjs')}" }`)
    expect(await relay.line('config.changed')).toMatchObject({
      changed: expect.arrayContaining(['relay.info.name', 'relay.writePolicy.plugin']),
      afterRestart: [],
    })
    expect(await infoOf(relay)).toMatchObject({ name: 'two' })
    const { host, port } = await relay.line('relay.listening')
    const client = await connect(`ws://${host}:${port}`)
    const event = person(systemClock().now).sign({ content: 'hello' })
    expect(await client.publish(event)).toEqual([false, 'blocked: by the plugin'])
    client.socket.terminate()
  })

  test('does not start with a file that cannot be used', async () => {
    conf('port = "x"')
    const relay = start(['--config', path('strfry.conf'), 'relay'])
    expect(await relay.line('relay.failed')).toMatchObject({
      message: expect.stringMatching(/relay\.port \(line 4\) has to/),
    })
    expect(await relay.ended).toBe(78)
  })

  test('reads none when it is not called as strfry is', async () => {
    conf('info { name = "file" }')
    const relay = start([], { STRFRY_CONFIG: path('strfry.conf'), RELAY_PORT: '0', RELAY_DB: path('x.db') })
    expect(await infoOf(relay)).toMatchObject({ name: 'OpenAgents relay' })
  })
})
