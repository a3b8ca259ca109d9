import { describe, expect, test } from 'vitest'
import { Fault } from '#nips/kit/fault'
import { silentLog } from '#nips/kit/log'
import { manualClock } from '#tests/support/clock'
import { type Install, OpenClawRuntime } from './runtime.ts'

const setUp = (install: Install, installed = false) => {
  const clock = manualClock()
  const runtime = new OpenClawRuntime({
    version: '1.2.3',
    directory: '/somewhere',
    isInstalled: () => installed,
    install,
    clock,
    log: silentLog,
  })
  const seen: string[] = []
  runtime.onChange(() => seen.push(`${runtime.state.state} ${runtime.state.progress}`))
  return { clock, runtime, seen, leaving: new AbortController() }
}
const never = new AbortController().signal

describe('OpenClaw’s own files', () => {
  test('are ready at once where they are installed', async () => {
    const { runtime, seen } = setUp(() => Promise.reject(new Error('not needed')), true)
    await runtime.keepTrying(never)
    expect([runtime.state.state, seen]).toEqual(['ready', []])
    expect(await runtime.ready(() => undefined, never)).toBe('/somewhere')
  })

  test('are installed with progress, and whoever waits is told both', async () => {
    const { runtime, seen } = setUp(async (tell) => {
      tell(0.3)
      tell(0.3)
      tell(0.9)
    })
    const told: number[] = []
    const waiting = runtime.ready((progress) => told.push(progress), never)
    await runtime.keepTrying(never)
    expect(await waiting).toBe('/somewhere')
    expect(seen).toEqual(['installing 0', 'installing 0.3', 'installing 0.9', 'ready 1'])
    expect(told).toEqual([0, 0, 0.3, 0.9])
  })

  test('are tried again, later every time, until they are there', async () => {
    let attempts = 0
    const { clock, runtime, leaving } = setUp(async () => {
      attempts += 1
      if (attempts < 3) throw new Fault('unavailable', 'it could not be downloaded')
    })
    const trying = runtime.keepTrying(leaving.signal)
    await clock.advance(0)
    expect(runtime.state).toMatchObject({ state: 'failed', reason: 'it could not be downloaded' })
    await clock.advance(5000)
    expect(attempts).toBe(2)
    await clock.advance(14_000)
    expect(attempts).toBe(2)
    await clock.advance(1000)
    await trying
    expect([attempts, runtime.state.state]).toEqual([3, 'ready'])
  })

  test('that could not be installed say why to whoever waits, and never show a stack', async () => {
    const { clock, runtime, leaving } = setUp(async () => {
      throw new TypeError('secret internals')
    })
    const waiting = expect(runtime.ready(() => undefined, never)).rejects.toThrow(
      'OpenClaw is not installed: the installer failed',
    )
    void runtime.keepTrying(leaving.signal)
    await clock.advance(0)
    await waiting
    leaving.abort()
  })

  test('need not be waited for any longer than somebody wants them', async () => {
    const { runtime } = setUp(() => new Promise(() => undefined))
    const stop = new AbortController()
    const waiting = expect(runtime.ready(() => undefined, stop.signal)).rejects.toThrow('stopped by you')
    stop.abort(new Fault('cancelled', 'stopped by you'))
    await waiting
  })
})
