import { afterEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from './store/sqlite.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import { is } from './testing/wire.ts'

let relay: TestRelay
afterEach(() => relay.close())

/** A promise that waits for the test. */
function latch() {
  let open = () => undefined as unknown
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('one client', { timeout: 20_000 }, () => {
  test('has eight scans at once; the others wait, and what it closes meanwhile is not answered', async () => {
    const store = openSqliteStore(':memory:')
    const { opened, open } = latch()
    let scans = 0
    relay = await serveRelay({
      verify: () => true,
      store: {
        ...store,
        async read(read) {
          if (!read.filter.kinds?.has(1)) return store.read(read)
          scans += 1
          await opened
          return store.read(read)
        },
      },
    })
    const [busy, other] = [await relay.client(), await relay.client()]
    for (let at = 0; at < 20; at++) busy.say('REQ', `s${at}`, { kinds: [1] })
    busy.say('CLOSE', 's19')
    await busy.publish(relay.person().sign({}))
    expect(scans).toBe(8)
    other.say('REQ', 'mine', { kinds: [1] })
    await other.publish(relay.person().sign({}))
    expect(scans).toBe(9)
    open()
    for (let at = 0; at < 19; at++) await busy.next(is('EOSE', `s${at}`))
    await other.next(is('EOSE', 'mine'))
    await busy.got('fence')
    expect(busy.heard.filter(is('EOSE', 's19'))).toEqual([])
  })

  test('is not read from while what it sent is too much to work on, and then goes on', async () => {
    const store = openSqliteStore(':memory:')
    const { opened, open } = latch()
    relay = await serveRelay({
      verify: () => true,
      store: {
        ...store,
        async put(batch) {
          await opened
          return store.put(batch)
        },
      },
    })
    const taken = () => Number(/nostr_client_messages_total\{verb="EVENT"\} (\d+)/.exec(relay.metrics.text())?.[1] ?? 0)
    const [flooding, other] = [await relay.client(), await relay.client()]
    const author = relay.person()
    const notes = Array.from({ length: 60 }, (_, at) => author.sign({ content: String(at).padEnd(100_000) }))
    for (const note of notes) flooding.say('EVENT', note)
    for (let turns = 0; turns < 30; turns++) await other.ask('x', { limit: 0 })
    expect(taken()).toBeGreaterThan(15)
    expect(taken()).toBeLessThan(40)
    open()
    for (const { id } of notes) await flooding.next(is('OK', id))
    expect(taken()).toBe(60)
  })

  test('is counted at the door, with what it says and hears', async () => {
    relay = await serveRelay()
    const person = relay.person()
    const client = await relay.client(person)
    await client.ask('x', { limit: 0 })
    client.raw('nonsense')
    await client.next(is('NOTICE'))
    client.say('AUTH', person.sign({ kind: 22_242 }))
    await client.next((said) => said[0] === 'OK' && said[2] === false)
    await client.publish(relay.person().sign({}))
    await client.next(is('EVENT', 'x'))
    const text = relay.metrics.text()
    for (const line of [
      'nostr_client_messages_total{verb="REQ"} 1',
      'nostr_client_messages_total{verb="AUTH"} 2',
      'nostr_client_messages_total{verb="UNKNOWN"} 1',
      'nostr_relay_messages_total{verb="EVENT"} 1',
      'nostr_relay_messages_total{verb="NOTICE"} 1',
      'strfry_connections_current 1',
      'strfry_authenticated_connections_current 1',
      'strfry_auth_challenges_sent_total 1',
      'strfry_auth_success_total 1',
      'strfry_auth_failure_total 1',
    ])
      expect(text).toContain(`${line}\n`)
    client.socket.close()
    await client.ended
    await (await relay.client()).ask('x', { limit: 0 })
    expect(relay.metrics.text()).toContain('strfry_connections_current 1\n')
    expect(relay.metrics.text()).toContain('strfry_authenticated_connections_current 0\n')
  })
})
