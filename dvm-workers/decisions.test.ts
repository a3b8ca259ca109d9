import { describe, expect, test } from 'vitest'
import { encodeDecision } from '#nips/approval'
import { abort } from '#nips/jobs/abort'
import { instanceDelete } from '#nips/jobs/instance-delete'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { kind } from '#nips/kinds'
import { type Person, person, requestOf } from '#tests/support/person'
import { until } from '#tests/support/wait'
import { openWorkerStore } from './store.ts'
import { clock, made, provision } from './testing/jobs.ts'
import { asked, ending, lines, stage } from './testing/stage.ts'

describe('a job that needs a decision', () => {
  const decide = (by: Person, approval: Parameters<typeof encodeDecision>[0], choice: 'approve' | 'deny') =>
    by.sign(encodeDecision(approval, choice, { now: clock.now() }))

  test('waits for the owner, runs by itself after the decision, and carries both to the broker', async () => {
    const scene = stage({ script: lines({ type: 'result', output: made }) })
    const by = person()
    const request = await provision(by, scene)
    scene.deliver(request)
    const approval = await asked(scene, request)
    expect(scene.tickets).toEqual([])
    const decision = decide(by, approval, 'approve')
    scene.deliver(decision)
    expect(await ending(scene, request, { job: instanceProvision, by })).toEqual({ type: 'result', output: made })
    expect(scene.tickets[0]).toMatchObject({ approval: { id: approval.id }, decision: { id: decision.id } })
  })

  test('ends as denied when the owner says no, and a later yes changes nothing', async () => {
    const scene = stage({ script: lines({ type: 'result', output: made }) })
    const by = person()
    const request = await provision(by, scene)
    scene.deliver(request)
    const approval = await asked(scene, request)
    scene.deliver(decide(by, approval, 'deny'))
    expect(await ending(scene, request, { job: instanceProvision, by })).toMatchObject({ code: 'denied' })
    scene.deliver(decide(by, approval, 'approve'))
    await clock.sleep(30)
    expect(scene.tickets).toEqual([])
  })

  test('does not count a decision by a stranger, about another request, or with another hash', async () => {
    const scene = stage({ script: lines({ type: 'result', output: made }) })
    const by = person()
    const request = await provision(by, scene)
    scene.deliver(request)
    const approval = await asked(scene, request)
    const right = decide(by, approval, 'approve')
    scene.deliver(decide(person(), approval, 'approve'))
    for (const spoiled of [
      ['x', 'f'.repeat(64)],
      ['p', person().pubkey],
      ['k', '5770'],
      ['decision', 'yes'],
    ] as const) {
      const tags = right.tags.map((tag) => (tag[0] === spoiled[0] ? [...spoiled] : tag))
      scene.deliver(by.sign({ ...right, tags }))
    }
    scene.deliver(by.sign({ ...right, tags: [...right.tags, ['x', approval.id]] }))
    await until('all are judged', () => scene.logged.filter(({ event }) => event === 'decision.refused').length === 6)
    expect(scene.tickets).toEqual([])
    scene.deliver(right)
    expect(await ending(scene, request, { job: instanceProvision, by })).toMatchObject({ type: 'result' })
  })

  test('says not-found about an instance that is somebody else’s, and asks nobody', async () => {
    const scene = stage()
    const [owner, thief] = [person(), person()]
    scene.deps.owners.set('b'.repeat(16), owner.pubkey)
    const request = await requestOf(
      instanceDelete,
      { instance: 'b'.repeat(16) },
      { by: thief, to: scene.service.pubkey, now: clock.now() },
    )
    scene.deliver(request)
    expect(await ending(scene, request, { job: instanceDelete, by: thief })).toMatchObject({ code: 'not-found' })
    expect(scene.about(request.id).some((event) => event.kind === kind.approvalRequest)).toBe(false)
  })

  test('survives a restart of the worker while it waits', async () => {
    const store = openWorkerStore(':memory:')
    const service = person()
    const by = person()
    const first = stage({ store, service })
    const request = await provision(by, first)
    first.deliver(request)
    const approval = await asked(first, request)
    await first.stop()
    const second = stage({ store, service, script: lines({ type: 'result', output: made }) })
    second.deliver(decide(by, approval, 'approve'))
    expect(await ending(second, request, { job: instanceProvision, by })).toMatchObject({ type: 'result' })
  })

  test('ends as expired when nobody decides in time', async () => {
    let ahead = 0
    const late = {
      ...clock,
      now: () => clock.now() + ahead,
      every: (_ms: number, action: () => void) => clock.every(10, action),
    }
    const scene = stage({ clock: late })
    const by = person()
    const request = await provision(by, scene)
    scene.deliver(request)
    await asked(scene, request)
    ahead = 700
    expect(await ending(scene, request, { job: instanceProvision, by })).toMatchObject({ code: 'expired' })
    await scene.stop()
  })

  test('can be aborted while it waits', async () => {
    const scene = stage()
    const by = person()
    const request = await provision(by, scene)
    scene.deliver(request)
    await asked(scene, request)
    const stop = await requestOf(abort, { job: request.id }, { by, to: scene.service.pubkey, now: clock.now() })
    scene.deliver(stop)
    expect(await ending(scene, stop, { job: abort, by })).toEqual({
      type: 'result',
      output: { job: request.id, aborted: true },
    })
    expect(await ending(scene, request, { job: instanceProvision, by })).toMatchObject({ code: 'cancelled' })
  })

  test('cannot be aborted by a stranger', async () => {
    const scene = stage()
    const [by, stranger] = [person(), person()]
    const request = await provision(by, scene)
    scene.deliver(request)
    await asked(scene, request)
    const stop = await requestOf(
      abort,
      { job: request.id },
      { by: stranger, to: scene.service.pubkey, now: clock.now() },
    )
    scene.deliver(stop)
    expect(await ending(scene, stop, { job: abort, by: stranger })).toMatchObject({ code: 'not-found' })
  })
})
