import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import {
  decodeInstance,
  encodeInstance,
  type Instance,
  instanceAddress,
  instanceIdOf,
  instanceOf,
  instanceStates,
  instanceTag,
} from './instance.ts'
import { instanceId } from './jobs/shared.ts'

const service = author()
const instance: Instance = {
  id: '3f9c2a7d51e8b604',
  owners: ['a'.repeat(64), 'b'.repeat(64)],
  slug: 'openclaw',
  state: 'ready',
  reason: 'because',
  version: '2026.9.6',
  model: 'offline',
  offline: true,
  driver: 'bwrap',
  incarnation: 2,
  since: NOW,
}

describe('the state of an instance', () => {
  test.each(instanceStates)('%s arrives as it was written', (state) => {
    const event = service.sign(encodeInstance({ ...instance, state }, NOW, 7))
    expect(decodeInstance(event)).toEqual({ ...instance, state, rev: 7 })
  })

  test('may leave out why, and since when', () => {
    const { reason: _why, since: _when, ...rest } = instance
    expect(decodeInstance(service.sign(encodeInstance(rest, NOW, 1)))).toEqual({ ...rest, rev: 1 })
  })

  test('stands at one address, for its owners to find and for nobody else to publish', () => {
    const { kind, tags, created_at } = encodeInstance(instance, NOW, 7)
    expect([kind, created_at]).toEqual([31_770, NOW])
    const expected = [
      ['d', instance.id],
      ['p', 'a'.repeat(64)],
      ['p', 'b'.repeat(64)],
      ['s', 'ready'],
      ['rev', '7'],
      ['-'],
    ]
    expect(tags.slice(0, -1)).toEqual(expected)
  })

  test.each([
    { says: 'no JSON', change: { content: '{' } },
    { says: 'another state', change: { content: JSON.stringify({ ...instance, state: 'happy' }) } },
    { says: 'a member missing', change: { content: JSON.stringify({ ...instance, driver: undefined }) } },
    { says: 'half an incarnation', change: { content: JSON.stringify({ ...instance, incarnation: 0.5 }) } },
    { says: 'no id', change: { tags: [] } },
    {
      says: 'two ids',
      change: {
        tags: [
          ['d', 'a'],
          ['d', 'b'],
        ],
      },
    },
  ])('with $says is refused', async ({ change }) => {
    const event = service.sign({ ...encodeInstance(instance, NOW, 1), ...change })
    expect(await refusalOf(() => decodeInstance(event))).toMatchObject({ code: 'invalid' })
  })

  test('tells no more than its shape knows', () => {
    const event = service.sign({
      ...encodeInstance(instance, NOW, 1),
      content: JSON.stringify({ ...instance, token: 'secret' }),
    })
    expect(decodeInstance(event)).not.toHaveProperty('token')
  })
})

describe('the id of an instance', () => {
  test('follows from the job that made it', () => {
    const job = 'a'.repeat(64)
    expect(instanceIdOf(job)).toBe(instanceIdOf(job))
    expect(instanceIdOf(job)).not.toBe(instanceIdOf('b'.repeat(64)))
    expect(instanceId.safeParse(instanceIdOf(job)).success).toBe(true)
  })
})

describe('the instance an event is about', () => {
  const mine = instanceTag('me', instance.id)

  test.each([
    { says: 'is named by its address', tags: [mine], id: instance.id },
    { says: 'is found among other addresses', tags: [['a', '31990:me:x'], ['p', 'me'], mine], id: instance.id },
    { says: 'is not one of another service', tags: [instanceTag('you', instance.id)], id: undefined },
    { says: 'is not one of a service that begins alike', tags: [instanceTag('me2', instance.id)], id: undefined },
    { says: 'is not one of another kind', tags: [['a', `31771:me:${instance.id}`]], id: undefined },
    { says: 'is not one in another tag', tags: [['e', instanceAddress('me', instance.id)]], id: undefined },
    { says: 'is none', tags: [], id: undefined },
  ])('$says', ({ tags, id }) => {
    expect(instanceOf({ tags }, 'me')).toBe(id)
  })
})
