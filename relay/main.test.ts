import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { systemClock } from '#nips/kit/clock'
import { encodeDeployment } from '#nips/service'
import { person } from './testing/events.ts'
import { type RelayProcess, startRelay } from './testing/process.ts'
import { randomFrom } from './testing/random.ts'
import { type Client, connect, is } from './testing/wire.ts'

const clock = systemClock()
let folder: string
let started: RelayProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-'))
  started = []
})
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL')
  await Promise.all(started.map(({ ended }) => ended))
  rmSync(folder, { recursive: true })
})

const path = (...names: string[]) => join(folder, ...names)

function start(env: Record<string, string> = {}): RelayProcess {
  const relay = startRelay({
    RELAY_PORT: '0',
    RELAY_DB: path('deep', 'relay.db'),
    RELAY_KEY: path('keys', 'relay.key'),
    ...env,
  })
  started.push(relay)
  return relay
}

async function connectTo(relay: RelayProcess): Promise<Client> {
  const { host, port } = await relay.line('relay.listening')
  return connect(`ws://${host}:${port}`)
}

/** Publishes all at once and kills the relay when it has answered `answers` times; gives the ids it said OK to. */
async function publishUntilKilled(events: readonly NostrEvent[], answers: number): Promise<string[]> {
  const relay = start()
  const client = await connectTo(relay)
  for (const event of events) client.say('EVENT', event)
  for (let count = 0; count < answers; count++) await client.next(is('OK'))
  relay.child.kill('SIGKILL')
  await client.ended
  return client.heard.flatMap(([verb, id, accepted]) => (verb === 'OK' && accepted ? [String(id)] : []))
}

describe('the relay as a program', { timeout: 60_000 }, () => {
  test('starts without any setting but a place, keeps its key to itself and stops when it is told to', async () => {
    const relay = start()
    const { pubkey, runtime } = await relay.line('relay.listening')
    expect(runtime).toBe('node')
    expect(pubkey).toMatch(/^[0-9a-f]{64}$/)
    for (const file of [path('keys', 'relay.key'), path('deep', 'relay.db')])
      expect(statSync(file).mode & 0o077).toBe(0)
    const client = await connectTo(relay)
    relay.child.kill('SIGTERM')
    expect(await client.ended).toBe(1001)
    expect(await relay.ended).toBe(0)
    await relay.line('relay.stopped')
    const again = start()
    expect(await again.line('relay.listening')).toMatchObject({ pubkey })
  })

  test('checks signatures in threads and takes none that does not hold', async () => {
    const relay = start({ RELAY_VERIFY_THREADS: '2' })
    expect(await relay.line('relay.listening')).toMatchObject({ verifier: expect.any(String), verifierThreads: 2 })
    const client = await connectTo(relay)
    const author = person(clock.now)
    const events = Array.from({ length: 40 }, (_, at) => author.sign({ content: String(at) }))
    const forged = events.map((event, at) => (at % 3 === 1 ? { ...event, sig: events[0]?.sig ?? '' } : event))
    const answers = await Promise.all(forged.map((event) => client.publish(event)))
    expect(answers).toEqual(forged.map((_, at) => (at % 3 === 1 ? [false, 'invalid: bad signature'] : [true, ''])))
  })

  test('takes service kinds from the keys of its deployment', async () => {
    const [operator, service] = [person(clock.now), person(clock.now)]
    const list = operator.sign(encodeDeployment(new Map([[service.pubkey, 'service']]), clock.now()))
    writeFileSync(path('deployment.json'), JSON.stringify(list))
    const relay = start({ DEPLOYMENT: path('deployment.json'), OPERATOR: operator.pubkey })
    const client = await connectTo(relay)
    expect(await client.publish(service.sign({ kind: 7000 }))).toEqual([true, ''])
    expect((await client.publish(operator.sign({ kind: 7000 })))[0]).toBe(false)
  })

  test('loses nothing it said OK to, however often it is killed', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const random = randomFrom(seed)
    const author = person(clock.now)
    const events = Array.from({ length: 240 }, (_, at) => author.sign({ content: String(at) }))
    const accepted: string[] = []
    for (let round = 0; round < 4; round++)
      accepted.push(...(await publishUntilKilled(events.slice(round * 60), 1 + random.whole(30))))
    const client = await connectTo(start())
    const { ids } = await client.ask('all', { authors: [author.pubkey] })
    expect(accepted.length, `seed ${seed}`).toBeGreaterThanOrEqual(4)
    expect(
      accepted.filter((id) => !ids.includes(id)),
      `seed ${seed}`,
    ).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a relay that cannot start says why and leaves', { timeout: 60_000 }, () => {
  const newer = () => {
    const database = new DatabaseSync(path('newer.db'))
    database.exec('PRAGMA user_version = 999')
    database.close()
    return { RELAY_DB: path('newer.db') }
  }
  const file = (name: string, content: string): string => {
    writeFileSync(path(name), content)
    return path(name)
  }

  test.each([
    {
      says: 'two settings are wrong',
      env: () => ({ RELAY_PORT: '70000', RELAY_PUBLIC_URL: 'https://x.example' }),
      code: 78,
      message: /RELAY_PORT must be .*; RELAY_PUBLIC_URL must be /,
    },
    {
      says: 'the deployment is missing',
      env: () => ({ DEPLOYMENT: path('none') }),
      code: 78,
      message: /DEPLOYMENT .*none cannot be used/,
    },
    {
      says: 'the deployment is no signed list',
      env: () => ({ DEPLOYMENT: file('x.json', '{}') }),
      code: 78,
      message: /DEPLOYMENT .* cannot be used/,
    },
    {
      says: 'the key is no key',
      env: () => ({ RELAY_KEY: file('key', 'hello') }),
      code: 78,
      message: /RELAY_KEY .* 64 lower-case hex digits/,
    },
    {
      says: 'the database is a folder',
      env: () => ({ RELAY_DB: folder }),
      code: 78,
      message: /RELAY_DB cannot be opened/,
    },
    {
      says: 'the database is something else',
      env: () => ({ RELAY_DB: file('x.db', 'hello '.repeat(200)) }),
      code: 78,
      message: /RELAY_DB is not a SQLite file/,
    },
    { says: 'the database is of a newer version', env: newer, code: 78, message: /newer version/ },
    {
      says: 'a folder is a file',
      env: () => ({ RELAY_DB: join(file('f', ''), 'relay.db') }),
      code: 78,
      message: /is a file/,
    },
  ])('$says', async ({ env, code, message }) => {
    const relay = start(env())
    expect(await relay.line('relay.failed')).toMatchObject({ message: expect.stringMatching(message) })
    expect(await relay.ended).toBe(code)
  })

  test('the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const relay = start({ RELAY_PORT: String(typeof address === 'object' ? address?.port : '') })
    expect(await relay.line('relay.failed')).toMatchObject({ message: expect.stringMatching(/port \d+ is taken/) })
    expect(await relay.ended).toBe(1)
    await new Promise((resolve) => other.close(resolve))
  })

  test('and what was there stays as it was', async () => {
    const relay = start({ RELAY_DB: file('x.db', 'hello '.repeat(200)) })
    await relay.ended
    expect(readFileSync(path('x.db'), 'utf8')).toBe('hello '.repeat(200))
  })
})

test('a relay that has to keep all of the disk free says so and stores nothing', { timeout: 60_000 }, async () => {
  const relay = start({ RELAY_DISK_RESERVE: '100' })
  const client = await connectTo(relay)
  expect(await relay.line('disk.full')).toMatchObject({ reserve: 100 })
  expect(await client.publish(person(clock.now).sign({}))).toEqual([
    false,
    'error: the disk is nearly full, nothing is stored',
  ])
})
