import { expect, test } from 'vitest'
import { Fault } from '#nips/kit/fault'
import { count, text } from '#nips/kit/settings'
import { testClock } from '../testing/clock.ts'
import { liveSettings } from './live.ts'
import { setting } from './row.ts'

const table = {
  port: setting({ env: 'PORT', doc: '', parse: count, default: 1 }),
  name: setting({ env: 'NAME', doc: '', parse: text, default: 'a', strfry: 'relay.info.name', reload: true }),
}

function following() {
  const file = { version: 1, port: 1, name: 'a', broken: false }
  const clock = testClock()
  const logged: [event: string, fields: Record<string, unknown>][] = []
  const live = liveSettings({
    table,
    read() {
      if (file.broken) throw new Fault('invalid', 'line 3: nonsense')
      return { port: file.port, name: file.name }
    },
    version: () => String(file.version),
    clock,
    log: (event, fields = {}) => logged.push([event, fields]),
  })
  const change = (fields: Partial<typeof file>) => {
    Object.assign(file, fields, { version: file.version + 1 })
    clock.advance(1)
  }
  return { live, change, clock, logged }
}

test('what may change does so at once, the rest at the next start', () => {
  const { live, change, logged } = following()
  change({ port: 2, name: 'b' })
  expect(live.values).toEqual({ port: 1, name: 'b' })
  expect(logged).toEqual([['config.changed', { changed: ['relay.info.name'], afterRestart: ['PORT'] }]])
})

test('a file that cannot be used changes nothing and is told; the next one counts', () => {
  const { live, change, logged } = following()
  change({ name: 'b', broken: true })
  expect(live.values.name).toBe('a')
  expect(logged).toEqual([['config.kept', expect.objectContaining({ message: 'line 3: nonsense' })]])
  change({ broken: false })
  expect(live.values.name).toBe('b')
})

test('a file that stays the same is not read again, and after the end none is', () => {
  const { live, change, clock, logged } = following()
  clock.advance(5)
  live.close()
  change({ name: 'b' })
  expect([live.values.name, logged]).toEqual(['a', []])
})
