import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { jsonLog, Secret } from './log.ts'

const value = 'sk-live-4242'
const secret = new Secret(value)

describe('a secret', () => {
  test.each([
    { says: 'JSON', shown: JSON.stringify(secret) },
    { says: 'JSON of what holds it', shown: JSON.stringify({ deep: [{ key: secret }] }) },
    { says: 'a template', shown: `${secret}` },
    { says: 'a sum', shown: `Bearer ${String(secret)}` },
    { says: 'a list as text', shown: [secret].join() },
    { says: 'console.log', shown: format(secret) },
    { says: 'console.log with places', shown: format('%s %o %j %O', secret, secret, secret, secret) },
    {
      says: 'inspection with hidden members',
      shown: inspect({ secret }, { showHidden: true, depth: 9, getters: true }),
    },
    { says: 'a table of its members', shown: JSON.stringify(Object.entries(secret)) },
    { says: 'a spread', shown: JSON.stringify({ ...secret }) },
    { says: 'a clone', shown: inspect(structuredClone(secret)) },
    { says: 'an error message', shown: inspect(new Error(`refused ${secret}`, { cause: secret })) },
    { says: 'its source', shown: inspect(Object.getOwnPropertyDescriptors(secret)) },
  ])('does not show in $says', ({ shown }) => {
    expect(shown).not.toContain(value)
  })

  test('is given where it is spent', () => {
    expect(secret.reveal()).toBe(value)
  })
})

function logged(event: string, fields?: Record<string, unknown>): Record<string, unknown> {
  const lines: string[] = []
  jsonLog(
    'relay',
    () => 1_800_000_000,
    (line) => lines.push(line),
  )(event, fields)
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toContain('\n')
  return JSON.parse(lines[0] ?? '')
}

describe('a log line', () => {
  test('is one line of JSON with time, program and event', () => {
    expect(logged('job.end', { ms: 5, text: 'two\nlines' })).toEqual({
      t: 1_800_000_000,
      program: 'relay',
      event: 'job.end',
      ms: 5,
      text: 'two\nlines',
    })
  })

  test('needs no fields', () => {
    expect(logged('relay.start')).toEqual({ t: 1_800_000_000, program: 'relay', event: 'relay.start' })
  })

  test('keeps its own members whatever the fields are called', () => {
    expect(logged('a.b', { t: 0, program: 'x', event: 'y', id: 1 })).toEqual({
      t: 1_800_000_000,
      program: 'relay',
      event: 'a.b',
      id: 1,
    })
  })

  test('shows secrets as [secret], however deep', () => {
    const line = logged('start', { key: secret, settings: { models: [{ key: secret }] } })
    expect(line).toMatchObject({ key: '[secret]', settings: { models: [{ key: '[secret]' }] } })
  })

  test('shows an error as its message, with the stack of its cause', () => {
    const cause = new Error('the cause')
    expect(logged('x', { error: new Error('what failed') }).error).toBe('what failed')
    expect(logged('x', { error: new Error('what failed', { cause }) }).error).toBe(`what failed (${cause.stack})`)
    expect(logged('x', { error: new Error('what failed', { cause: 'text' }) }).error).toBe('what failed (text)')
  })
})
