import { describe, expect, test } from 'vitest'
import { readSettings } from '#nips/kit/settings'
import { settings } from './settings.ts'

describe('the settings', () => {
  test('need no variable', () => {
    expect(readSettings(settings, {})).toMatchObject({ host: '127.0.0.1', port: 7777, urls: [], maxLimit: 500 })
  })

  test.each([
    { env: { RELAY_PORT: '65536' }, says: /RELAY_PORT/ },
    { env: { RELAY_PORT: '-1' }, says: /RELAY_PORT/ },
    { env: { RELAY_PUBLIC_URL: 'relay.example' }, says: /RELAY_PUBLIC_URL/ },
    { env: { OPERATOR: 'AB'.repeat(32) }, says: /OPERATOR/ },
    { env: { RELAY_MAX_LIMIT: '0' }, says: /RELAY_MAX_LIMIT/ },
    { env: { RELAY_MAX_FUTURE: 'soon' }, says: /RELAY_MAX_FUTURE/ },
  ])('refuse $env by name', ({ env, says }) => {
    expect(() => readSettings(settings, env)).toThrow(says)
  })

  test('take a port of 0 and several URLs', () => {
    const values = readSettings(settings, { RELAY_PORT: '0', RELAY_PUBLIC_URL: 'ws://a.example:8080, wss://b.example' })
    expect(values).toMatchObject({ port: 0, urls: ['ws://a.example:8080', 'wss://b.example'] })
  })
})
