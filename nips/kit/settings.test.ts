import { describe, expect, test } from 'vitest'
import { refusalOf } from '#tests/support/refusal'
import { Secret } from './log.ts'
import { count, explainSettings, firstOf, flag, list, oneOf, port, readSettings, setting, text } from './settings.ts'

const attempt = (parse: (raw: string) => unknown, raw: string): unknown => {
  try {
    return parse(raw)
  } catch (error) {
    return (error as Error).message
  }
}

const aPort = 'must be a port from 1 to 65535'
const whole = 'must be a whole number'
const aFlag = 'must be 1 or 0'

describe('a value', () => {
  test.each([
    { parse: text, raw: ' as it is ', value: ' as it is ' },
    { parse: port, raw: '1', value: 1 },
    { parse: port, raw: '65535', value: 65_535 },
    { parse: port, raw: '0', value: aPort },
    { parse: port, raw: '65536', value: aPort },
    { parse: port, raw: '80.5', value: aPort },
    { parse: port, raw: 'http', value: aPort },
    { parse: port, raw: '', value: aPort },
    { parse: count, raw: '0', value: 0 },
    { parse: count, raw: '900', value: 900 },
    { parse: count, raw: '-1', value: whole },
    { parse: count, raw: '1.5', value: whole },
    { parse: count, raw: 'many', value: whole },
    { parse: count, raw: 'Infinity', value: whole },
    { parse: count, raw: '', value: whole },
    { parse: count, raw: ' ', value: whole },
    { parse: flag, raw: '1', value: true },
    { parse: flag, raw: 'true', value: true },
    { parse: flag, raw: '0', value: false },
    { parse: flag, raw: 'false', value: false },
    { parse: flag, raw: '', value: false },
    { parse: flag, raw: 'yes', value: aFlag },
    { parse: oneOf('a', 'b'), raw: 'b', value: 'b' },
    { parse: oneOf('a', 'b'), raw: 'B', value: 'must be one of a, b' },
    { parse: list, raw: '', value: [] },
    { parse: list, raw: ' a, b ,,c', value: ['a', 'b', 'c'] },
    { parse: firstOf, raw: ' a, b', value: 'a' },
    { parse: firstOf, raw: 'a', value: 'a' },
    { parse: firstOf, raw: '', value: '' },
  ])('$raw is read as $value', ({ parse, raw, value }) => {
    expect(attempt(parse, raw)).toEqual(value)
  })
})

const table = {
  port: setting({ env: 'PORT', doc: 'where to listen', parse: port, default: 8080 }),
  name: setting({ env: 'NAME', doc: 'what it is called', parse: text }),
  hosts: setting({ env: 'HOSTS', doc: 'who may', parse: list, default: ['a', 'b'] }),
  key: setting({
    env: 'KEY',
    doc: 'the key of the model',
    parse: (raw) => {
      if (raw.length < 4) throw new Error('must be longer')
      return new Secret(raw)
    },
    default: new Secret(''),
    secret: true,
  }),
}

describe('reading settings', () => {
  test('takes what is set and defaults for the rest', () => {
    const { key, ...rest } = readSettings(table, { NAME: 'x', HOSTS: 'c', KEY: 'sk-1234', OTHER: 'ignored' })
    expect(rest).toEqual({ port: 8080, name: 'x', hosts: ['c'] })
    expect(key.reveal()).toBe('sk-1234')
  })

  test('takes an empty variable as not set where there is a default, and as empty where there is none', () => {
    expect(readSettings(table, { PORT: '', NAME: '', HOSTS: '' })).toMatchObject({
      port: 8080,
      name: '',
      hosts: ['a', 'b'],
    })
  })

  test('reports a single problem too', async () => {
    const refusal = await refusalOf(() => readSettings(table, { NAME: 'x', PORT: '0' }))
    expect(refusal).toEqual({ code: 'invalid', message: `PORT ${aPort}` })
  })

  test('reports every problem at once, by the name of its variable and without a value', async () => {
    const refusal = await refusalOf(() => readSettings(table, { PORT: 'http', KEY: 'abc' }))
    const message = `PORT ${aPort}; NAME is required: what it is called; KEY must be longer`
    expect(refusal).toEqual({ code: 'invalid', message })
  })
})

describe('explaining settings', () => {
  test('shows each with its source, and no secret', () => {
    expect(explainSettings(table, { PORT: '80', NAME: 'x', KEY: 'sk-1234' })).toEqual([
      { env: 'PORT', doc: 'where to listen', value: '80', source: 'environment' },
      { env: 'NAME', doc: 'what it is called', value: 'x', source: 'environment' },
      { env: 'HOSTS', doc: 'who may', value: 'a,b', source: 'default' },
      { env: 'KEY', doc: 'the key of the model', value: '[secret]', source: 'environment' },
    ])
  })

  test('names the problem of what is wrong', () => {
    const problems = explainSettings(table, { PORT: 'http', NAME: 'x', KEY: 'abc' }).map(({ problem }) => problem)
    expect(problems).toEqual([aPort, undefined, undefined, 'must be longer'])
  })

  test('names what is required and missing', () => {
    expect(explainSettings(table, {})[1]).toMatchObject({ env: 'NAME', value: '', problem: 'is required' })
  })
})
