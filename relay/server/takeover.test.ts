import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '#nips/kit/clock'
import { person } from '../testing/events.ts'
import { type RelayProcess, startRelay } from '../testing/process.ts'
import { bunPath } from '../testing/served-in-bun.ts'
import { type Client, connect } from '../testing/wire.ts'

const clock = systemClock()
const CLIENTS = 6
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

function start(runtime: string, port: string): RelayProcess {
  const [db, key] = [join(folder, 'relay.db'), join(folder, 'relay.key')]
  const relay = startRelay({ RELAY_PORT: port, RELAY_REUSE_PORT: '1', RELAY_DB: db, RELAY_KEY: key }, runtime)
  started.push(relay)
  return relay
}

/** Clients that come, publish a little and leave again, all the time. */
function keepBusy(url: string) {
  const [accepted, failures, resets]: [string[], unknown[], unknown[]] = [[], [], []]
  let [busy, waiting] = [true, [] as { count: number; resolve: () => void }[]]
  /** Comes again when the port was closed between its connection and its first word, which no relay can rule out. */
  async function comeIn(): Promise<Client> {
    try {
      return await connect(url)
    } catch (error) {
      if ((error as { code?: string }).code === 'ECONNREFUSED') throw error
      resets.push(error)
      return connect(url)
    }
  }
  async function comeAndGo(): Promise<void> {
    const author = person(clock.now)
    for (let round = 0; busy; round++) {
      const client = await comeIn()
      for (let at = 0; at < 3; at++) {
        const note = author.sign({ content: `${round} ${at}` })
        const [ok, reason] = await client.publish(note)
        if (ok) accepted.push(note.id)
        else failures.push(reason)
      }
      client.socket.close()
      await client.ended
      for (const { resolve } of waiting.filter(({ count }) => accepted.length >= count)) resolve()
    }
  }
  const loops = Array.from({ length: CLIENTS }, () => comeAndGo().catch((error: unknown) => failures.push(error)))
  return {
    accepted,
    failures,
    resets,
    /** Resolves when so many more were accepted. */
    more(by: number): Promise<void> {
      const count = accepted.length + by
      return new Promise((resolve) => waiting.push({ count, resolve }))
    },
    async stop(): Promise<void> {
      busy = false
      await Promise.all(loops)
      waiting = []
    },
  }
}

describe.runIf(process.platform === 'linux')('a relay hands its port to the next', { timeout: 60_000 }, () => {
  test.each([
    { from: 'Node', to: 'Node', programs: [process.execPath, process.execPath] },
    { from: 'Bun', to: 'Bun', programs: [bunPath, bunPath] },
  ] as const)('from $from to $to, under load: nobody is refused and nothing is lost', async ({ programs }) => {
    const old = start(programs[0], '0')
    const { port } = await old.line('relay.listening')
    const url = `ws://127.0.0.1:${port}`
    const patient = await connect(url)
    const load = keepBusy(url)
    await load.more(20)
    const next = start(programs[1], String(port))
    await next.line('relay.listening')
    await load.more(10)
    old.child.kill('SIGUSR1')
    await old.line('relay.draining')
    await load.more(20)
    expect((await patient.ask('still here', { limit: 0 })).end[0]).toBe('EOSE')
    patient.socket.close()
    expect(await old.ended).toBe(0)
    await load.more(10)
    await load.stop()
    expect(load.failures).toEqual([])
    expect(load.resets.length).toBeLessThanOrEqual(CLIENTS)
    const reader = await connect(url)
    const found = new Set<string>()
    for (let at = 0; at < load.accepted.length; at += 200)
      for (const id of (await reader.ask(`ids ${at}`, { ids: load.accepted.slice(at, at + 200) })).ids) found.add(id)
    expect(load.accepted.filter((id) => !found.has(id))).toEqual([])
  })
})
