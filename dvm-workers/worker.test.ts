import { describe, expect, test } from 'vitest'
import { chat } from '#nips/jobs/chat'
import { instanceStatus } from '#nips/jobs/instance-status'
import { Fault } from '#nips/kit/fault'
import { person, requestOf } from '#tests/support/person'
import { until } from '#tests/support/wait'
import { clock, result, said, talk } from './testing/jobs.ts'
import { ending, heard, lines, stage } from './testing/stage.ts'

describe('a worker', () => {
  test('answers a request with its result, and shows nothing of either in the clear', async () => {
    const scene = stage({
      script: lines(
        { type: 'phase', phase: 'running' },
        { type: 'delta', text: 'hello ' },
        { type: 'delta', text: 'there' },
        result,
      ),
    })
    const by = person()
    const request = await talk(by, scene, { text: 'a private question' })
    scene.deliver(request)
    expect(await ending(scene, request, { job: chat, by })).toEqual({ type: 'result', output: said })
    expect(JSON.stringify([request, scene.about(request.id)])).not.toMatch(/hello|there|private|"m"/)
  })

  test('answers in the clear what was asked in the clear', async () => {
    const output = {
      instance: 'a'.repeat(16),
      slug: 's',
      state: 'ready',
      version: '1',
      model: 'm',
      driver: 'd',
      uptime: 1,
      incarnation: 1,
    }
    const scene = stage({ script: lines({ type: 'result', output }) })
    const by = person()
    const request = await requestOf(
      instanceStatus,
      { instance: output.instance },
      { by, to: scene.service.pubkey, now: clock.now() },
    )
    scene.deliver(request)
    expect(await ending(scene, request, { job: instanceStatus, by })).toEqual({ type: 'result', output })
    expect(JSON.stringify(scene.about(request.id))).toContain('uptime')
  })

  test('refuses a chat that came in the clear', async () => {
    const scene = stage({ script: lines(result) })
    const by = person()
    const tags = [
      ['p', scene.service.pubkey],
      ['a', `31770:${scene.service.pubkey}:${'a'.repeat(16)}`, '', 'instance'],
      ['i', 'hi', 'text'],
    ]
    const request = by.sign({ kind: chat.kind, created_at: clock.now(), tags, content: '' })
    scene.deliver(request)
    expect(await ending(scene, request, { job: chat, by })).toMatchObject({
      code: 'invalid',
      message: 'chat has to be encrypted',
    })
    expect(scene.tickets).toEqual([])
  })

  test('says first that it has accepted, then the phases, then the end', async () => {
    const scene = stage({ script: lines({ type: 'phase', phase: 'running' }, result) })
    const by = person()
    const request = await talk(by, scene)
    scene.deliver(request)
    await ending(scene, request, { job: chat, by })
    const words = (await heard(scene, request, { job: chat, by })).map((answer) =>
      'phase' in answer ? answer.phase : answer.type,
    )
    expect(words).toEqual(['accepted', 'running', 'result'])
  })

  test('streams text as deltas without gaps that add up to the result', async () => {
    const pieces = ['one ', 'two ', 'three ', 'four']
    const scene = stage({
      script: async function* () {
        for (const text of pieces) {
          yield { type: 'delta', text }
          await clock.sleep(60)
        }
        yield { type: 'result', output: { ...said, text: pieces.join('') } }
      },
    })
    const by = person()
    const request = await talk(by, scene)
    scene.deliver(request)
    await ending(scene, request, { job: chat, by })
    const deltas = (await heard(scene, request, { job: chat, by })).filter((answer) => answer.type === 'delta')
    expect(deltas.map(({ seq }) => seq)).toEqual(deltas.map((_, index) => index))
    expect(deltas.map(({ text }) => text).join('')).toBe(pieces.join(''))
  })

  test('runs a request once however often it comes', async () => {
    const scene = stage({ script: lines(result) })
    const by = person()
    const request = await talk(by, scene)
    for (let times = 0; times < 5; times += 1) scene.deliver(request)
    await ending(scene, request, { job: chat, by })
    scene.deliver(request)
    expect(scene.tickets).toHaveLength(1)
  })

  test('answers a second request with the same idem by the outcome of the first, running or done', async () => {
    let finish = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      finish = resolve
    })
    const scene = stage({
      script: async function* () {
        await gate
        yield result
      },
    })
    const by = person()
    const requests = [
      await talk(by, scene, { idem: 'x', now: clock.now() - 1 }),
      await talk(by, scene, { idem: 'x' }),
    ] as const
    scene.deliver(requests[0])
    await until('the first runs', () => scene.tickets.length === 1)
    scene.deliver(requests[1])
    await until('the second follows', async () =>
      (await heard(scene, requests[1], { job: chat, by })).some((answer) => 'sameAs' in answer),
    )
    finish()
    for (const request of requests)
      expect(await ending(scene, request, { job: chat, by })).toEqual({ type: 'result', output: said })
    const third = await talk(by, scene, { idem: 'x', now: clock.now() - 2 })
    scene.deliver(third)
    expect(await ending(scene, third, { job: chat, by })).toEqual({ type: 'result', output: said })
    expect(scene.tickets).toHaveLength(1)
  })

  test('refuses the same idem with another input', async () => {
    const scene = stage({ script: lines(result) })
    const by = person()
    scene.deliver(await talk(by, scene, { idem: 'x' }))
    const other = await talk(by, scene, { idem: 'x', text: 'something else' })
    scene.deliver(other)
    expect(await ending(scene, other, { job: chat, by })).toMatchObject({ type: 'failure', code: 'conflict' })
  })

  test('refuses what is stale or malformed with one error, and runs nothing', async () => {
    const scene = stage({ script: lines(result) })
    const by = person()
    const stale = await talk(by, scene, { now: clock.now() - 700 })
    const empty = by.sign({
      kind: chat.kind,
      created_at: clock.now(),
      tags: [['p', scene.service.pubkey]],
      content: '',
    })
    const garbled = by.sign({
      kind: chat.kind,
      created_at: clock.now(),
      tags: [['p', scene.service.pubkey], ['encrypted']],
      content: 'not nip-44',
    })
    for (const request of [stale, empty, garbled]) {
      scene.deliver(request)
      scene.deliver(request)
    }
    expect(await ending(scene, stale, { job: chat, by })).toMatchObject({ type: 'failure', code: 'expired' })
    expect(await ending(scene, empty, { job: chat, by })).toMatchObject({ type: 'failure', code: 'invalid' })
    expect(await ending(scene, garbled, { job: chat, by })).toMatchObject({ type: 'failure', code: 'invalid' })
    expect(scene.tickets).toEqual([])
  })

  test('ends a job whose answer does not fit into an event with an error that says so', async () => {
    const text = 'x'.repeat(70_000)
    const scene = stage({ script: lines({ type: 'delta', text }, { type: 'result', output: { ...said, text } }) })
    const by = person()
    const request = await talk(by, scene)
    scene.deliver(request)
    expect(await ending(scene, request, { job: chat, by })).toMatchObject({
      type: 'failure',
      code: 'too-large',
      text: '',
    })
  })

  test('passes on the fault a job ended with, and keeps the text it had', async () => {
    const scene = stage({
      script: lines(
        { type: 'delta', text: 'half an ' },
        { type: 'fault', code: 'model-timeout', message: 'it fell silent', text: 'half an answer' },
      ),
    })
    const by = person()
    const request = await talk(by, scene, {})
    scene.deliver(request)
    const end = await ending(scene, request, { job: chat, by })
    expect(end).toEqual({
      type: 'failure',
      code: 'model-timeout',
      message: 'it fell silent',
      retry: true,
      text: 'half an answer',
    })
  })

  test('brings the ticket again while the broker is away, and bridges what was said by a checkpoint', async () => {
    let attempts = 0
    const scene = stage({
      script: async function* () {
        attempts += 1
        if (attempts === 1) {
          yield { type: 'delta', text: 'one ' }
          throw new Fault('unavailable', 'the broker hung up')
        }
        yield { type: 'snapshot', text: 'one two ' }
        yield { type: 'delta', text: 'three' }
        yield { type: 'result', output: { ...said, text: 'one two three' } }
      },
    })
    const by = person()
    const request = await talk(by, scene)
    scene.deliver(request)
    expect(await ending(scene, request, { job: chat, by })).toMatchObject({ output: { text: 'one two three' } })
    expect(scene.tickets).toHaveLength(2)
    const deltas = (await heard(scene, request, { job: chat, by })).filter((answer) => answer.type === 'delta')
    expect(deltas.map(({ text }) => text).join('')).toBe('one two three')
  })
})
