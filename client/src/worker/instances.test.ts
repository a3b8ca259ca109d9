import { expect, test } from 'vitest'
import { encodeInstance, type Instance } from '#nips/instance'
import type { InstanceView } from '../model.ts'
import { memoryDatabase } from './database.ts'
import { Instances } from './instances.ts'
import { person } from './testing/person.ts'

const service = person()
const base: Instance = {
  id: 'a'.repeat(16),
  owners: ['b'.repeat(64)],
  slug: 'tide-otter',
  state: 'starting',
  version: '1',
  model: 'm',
  offline: true,
  driver: 'bwrap',
  incarnation: 1,
}
const event = (more: Partial<Instance>, rev: number) =>
  service.sign(encodeInstance({ ...base, ...more }, 100 + rev, rev))

function stage(db = memoryDatabase()) {
  let shown: InstanceView[] = []
  const instances = new Instances({
    db,
    key: 'k',
    show: (list) => {
      shown = list
    },
  })
  return { instances, db, shown: () => shown }
}

test('the newest revision counts, whenever it comes', () => {
  const { instances, shown } = stage()
  instances.take(event({ state: 'ready' }, 2))
  instances.take(event({ state: 'starting' }, 1))
  expect(shown()).toMatchObject([{ slug: 'tide-otter', state: 'ready', changedAt: 102 }])
})

test('a deleted gateway is not shown, and known to be gone', () => {
  const { instances, shown } = stage()
  instances.take(event({ state: 'ready' }, 1))
  instances.take(event({ state: 'deleted' }, 2))
  expect(shown()).toEqual([])
  expect(instances.isGone(base.id)).toBe(true)
})

test('what the last visit knew is shown at once, and dropped when the relay does not know it', async () => {
  const first = stage()
  first.instances.take(event({ state: 'ready' }, 1))
  const second = stage(first.db)
  await second.instances.load()
  expect(second.shown()).toHaveLength(1)
  expect(second.instances.isGone('c'.repeat(16))).toBe(false)
  second.instances.stored()
  expect(second.shown()).toEqual([])
})
