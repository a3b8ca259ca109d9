import { describe, expect, test } from 'vitest'
import { chat } from '#nips/jobs/chat'
import { person } from '#tests/support/person'
import { until } from '#tests/support/wait'
import { openWorkerStore } from './store.ts'
import { result, said, talk } from './testing/jobs.ts'
import { ending, heard, lines, type Stage, stage } from './testing/stage.ts'

describe('a worker that starts again', () => {
  test('goes on with a job that ran, above the numbers it may have used, and ends it once', async () => {
    const store = openWorkerStore(':memory:')
    const service = person()
    const by = person()
    const relay: Stage['relay'] = []
    const first = stage({
      ...{ store, service, relay },
      script: async function* () {
        yield { type: 'delta', text: 'one ' }
        await new Promise(() => undefined)
      },
    })
    const request = await talk(by, first)
    first.deliver(request)
    await until('the first delta', async () =>
      (await heard(first, request, { job: chat, by })).some(({ type }) => type === 'delta'),
    )
    const second = stage({
      ...{ store, service, relay },
      script: lines(
        { type: 'snapshot', text: 'one two ' },
        { type: 'delta', text: 'three' },
        { type: 'result', output: { ...said, text: 'one two three' } },
      ),
    })
    expect(await ending(second, request, { job: chat, by })).toMatchObject({ output: { text: 'one two three' } })
    const later = (await heard(second, request, { job: chat, by })).filter((answer) => answer.type === 'delta').slice(1)
    expect(later.every(({ seq }) => seq >= 256)).toBe(true)
  })

  test('sends a terminal event that was written but not yet confirmed, and no other', async () => {
    const store = openWorkerStore(':memory:')
    const service = person()
    const by = person()
    const first = stage({ store, service, script: lines(result) })
    first.deps.link.publish = () => new Promise(() => undefined)
    const request = await talk(by, first)
    first.deliver(request)
    await until('the job is done', () => store.job(request.id)?.stage === 'done')
    const second = stage({ store, service })
    expect(await ending(second, request, { job: chat, by })).toEqual({ type: 'result', output: said })
    expect(second.tickets).toEqual([])
    expect(store.unsent()).toEqual([])
  })
})
