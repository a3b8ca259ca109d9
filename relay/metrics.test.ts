import { afterEach, describe, expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'

describe('the text of the metrics', () => {
  test('has strfry names, each with what it means and its type', () => {
    const text = createMetrics().text()
    for (const name of ['strfry_write_events_total', 'strfry_write_rejected_total', 'strfry_write_dups_total'])
      expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\n# TYPE ${name} counter\\n${name} 0$`, 'm'))
    expect(text).toMatch(/^# TYPE strfry_connections_current gauge\nstrfry_connections_current 0$/m)
    expect(text).toMatch(/\n$/)
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+=".*"\})? -?\d+)$/)
  })

  test('counts by label, and escapes what a label may not hold', () => {
    const metrics = createMetrics()
    metrics.add('nostr_client_messages_total', 'EVENT')
    metrics.add('nostr_client_messages_total', 'EVENT', 2)
    metrics.add('nostr_client_messages_total', 'a"b\\c\nd')
    expect(metrics.text()).toContain(
      'nostr_client_messages_total{verb="EVENT"} 3\nnostr_client_messages_total{verb="a\\"b\\\\c\\nd"} 1\n',
    )
  })

  test('does not grow without end when somebody makes up labels', () => {
    const metrics = createMetrics()
    for (let kind = 0; kind < 5000; kind++) metrics.add('nostr_events_total', String(kind))
    const lines = metrics.text().match(/^nostr_events_total\{.*$/gm) ?? []
    expect(lines).toHaveLength(1001)
    expect(lines.at(-1)).toBe('nostr_events_total{kind="other"} 4000')
  })
})

describe('the relay', () => {
  let relay: TestRelay
  afterEach(() => relay.close())

  test('counts what becomes of events', async () => {
    relay = await serveRelay({ verify: () => true })
    const client = await relay.client()
    const pen = relay.person()
    const now = relay.clock.now()
    const event = pen.sign({ content: 'x' })
    await client.publish(event)
    await client.publish(event)
    await client.publish(pen.sign({ kind: 0 }))
    await client.publish(pen.sign({ kind: 0, created_at: now - 5 }))
    await client.publish(pen.sign({ created_at: now + 100_000 }))
    await client.publish(pen.sign({ kind: 20_001 }))
    const text = relay.metrics.text()
    for (const line of [
      'nostr_events_total{kind="1"} 1',
      'nostr_events_total{kind="0"} 1',
      'strfry_write_events_total 2',
      'strfry_write_dups_total 1',
      'strfry_write_rejected_total 2',
      'strfry_write_batch_size 1',
    ])
      expect(text).toContain(`${line}\n`)
  })

  test('logs what the operator asks for: refusals without their text, and messages by kind', async () => {
    const logged: Record<string, unknown>[] = []
    const switches = { dumpInAll: false, dumpInEvents: false, dumpInReqs: true, invalidEvents: true }
    relay = await serveRelay({
      verify: () => true,
      switches: () => switches,
      log: (event, fields) => void logged.push({ event, ...fields }),
    })
    const client = await relay.client()
    const refused = relay.person().sign({ content: 'secret', created_at: relay.clock.now() + 100_000 })
    await client.publish(refused)
    await client.ask('s', { limit: 1 })
    expect(logged).toEqual([
      { event: 'event.refused', id: refused.id, why: 'invalid: created_at too late', remote: '127.0.0.1' },
      { event: 'message.in', remote: '127.0.0.1', frame: '["REQ","s",{"limit":1}]' },
    ])
    Object.assign(switches, { dumpInReqs: false, invalidEvents: false })
    await client.publish(refused)
    await client.ask('s', { limit: 1 })
    expect(logged).toHaveLength(2)
  })
})
