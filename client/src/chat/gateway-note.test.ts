import { expect, test } from 'vitest'
import { instanceStates } from '#nips/instance'
import type { InstanceView } from '../model.ts'
import { gatewayNote } from './gateway-note.ts'

const instance: InstanceView = {
  id: 'a',
  slug: 'tide-otter',
  state: 'ready',
  version: '1',
  model: 'm',
  offline: true,
  driver: 'd',
  incarnation: 1,
  changedAt: 5,
}

test.each(instanceStates)('a gateway that is %s says so, unless it simply works', (state) => {
  const note = gatewayNote({ ...instance, state }, () => '12 s')
  if (state === 'ready') expect(note).toBeUndefined()
  else expect(note).toMatch(/^tide-otter /)
})

test('why it failed is part of it', () => {
  const note = gatewayNote({ ...instance, state: 'failed', reason: 'out of memory' }, () => '')
  expect(note).toBe(
    'tide-otter is not running. Reason: out of memory. Your messages are kept and sent when it is back.',
  )
})
