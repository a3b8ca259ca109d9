import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Secret } from '#nips/kit/log'
import { tempDirectory } from '#tests/support/temp'
import { until } from '#tests/support/wait'
import { drivers } from '../sandbox/index.ts'
import { startGateway } from './start.ts'

const real = systemClock()
/** A hundred times as fast, so that two minutes are over soon. */
const hasty: Clock = { ...real, sleep: (ms, signal) => real.sleep(ms / 100, signal) }

/** Starts something that is not quite an OpenClaw, in a real sandbox. */
async function start(program: string, signal = new AbortController().signal) {
  const base = tempDirectory()
  const runtime = join(base, 'runtime')
  const home = { home: join(base, 'home'), sockets: join(base, 's') }
  mkdirSync(join(runtime, 'node_modules/openclaw'), { recursive: true })
  writeFileSync(join(runtime, 'node_modules/openclaw/openclaw.mjs'), program)
  const driver = drivers({ node: process.execPath, path: process.env.PATH ?? '' }).find(
    ({ name }) => name === 'process',
  )
  if (driver === undefined) throw new Error('no driver')
  const phases: string[] = []
  const revoked: boolean[] = []
  const modelAccess = (_instance: string, token: Secret) => {
    revoked.push(token.reveal().length === 64)
    return {
      model: 'm',
      fetch: () => new Response('model'),
      faultSince: () => undefined,
      spent: () => ({ inputTokens: 0, outputTokens: 0 }),
    }
  }
  const outcome = await startGateway(
    { driver, runtime, clock: hasty, modelAccess },
    { id: 'x', incarnation: 1, home, onPhase: (phase) => phases.push(phase), signal },
  ).catch((thrown: unknown) => thrown)
  const left = () => execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).includes(base)
  return { outcome, phases, home, left }
}

const server = (answer: string) => `
  import { createServer } from 'node:http'
  const port = Number(process.argv[process.argv.indexOf('--port') + 1])
  createServer((request, response) => { ${answer} }).listen(port, '127.0.0.1')`

describe('a gateway that never becomes ready', () => {
  test.each([
    { says: 'does nothing', program: 'setInterval(() => undefined, 1000)' },
    { says: 'is never through with starting', program: server('response.writeHead(503).end()') },
    { says: 'starts, but refuses to be operated', program: server('response.writeHead(200).end()') },
    {
      says: 'ignores the request to end, too',
      program: "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000)",
    },
  ])(
    'because it $says is given up after two minutes, and nothing of it is left',
    async ({ program }) => {
      const { outcome, phases, home, left } = await start(program)
      expect(outcome).toMatchObject({ code: 'not-ready', message: 'OpenClaw was not ready within 120 seconds' })
      expect(phases[0]).toBe('starting')
      await until('no process is left', () => !left())
      expect([existsSync(join(home.sockets, 'model.sock')), existsSync(join(home.sockets, 'gateway.sock'))]).toEqual([
        false,
        false,
      ])
    },
    30_000,
  )

  test('because it ends at once is known at once, with its last words', async () => {
    const { outcome, left } = await start(
      "console.log('starting'); console.error('config is not to my taste'); process.exit(78)",
    )
    expect(outcome).toMatchObject({
      code: 'not-ready',
      message: 'OpenClaw ended while it started (exit 78): config is not to my taste',
    })
    expect(left()).toBe(false)
  })

  test('because somebody changed their mind is stopped with that reason', async () => {
    const stop = new AbortController()
    real.sleep(300).then(
      () => stop.abort(new Fault('cancelled', 'stopped by you')),
      () => undefined,
    )
    const { outcome, left } = await start('setInterval(() => undefined, 1000)', stop.signal)
    expect(outcome).toMatchObject({ code: 'cancelled', message: 'stopped by you' })
    await until('no process is left', () => !left())
  })
})
