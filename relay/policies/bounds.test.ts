import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import type { Client } from '../testing/wire.ts'

let relay: TestRelay
let client: Client
beforeAll(async () => {
  relay = await serveRelay({
    env: { RELAY_MAX_AGE: '1000', RELAY_MAX_EPHEMERAL_AGE: '60', RELAY_MAX_EVENT: '600' },
    verify: () => true,
  })
  client = await relay.client()
})
afterAll(() => relay.close())

describe('bounds an operator may set', () => {
  test.each([
    { says: 'old enough', fields: { created_at: -1000 }, ok: [true, ''] },
    { says: 'too old', fields: { created_at: -1001 }, ok: [false, 'invalid: created_at too early'] },
    { says: 'ephemeral and old enough', fields: { kind: 20_001, created_at: -60 }, ok: [true, ''] },
    {
      says: 'ephemeral and too old',
      fields: { kind: 20_001, created_at: -61 },
      ok: [false, 'invalid: ephemeral event expired'],
    },
    { says: 'small enough', fields: { content: 'x'.repeat(200) }, ok: [true, ''] },
    {
      says: 'too large',
      fields: { content: 'é'.repeat(200) },
      ok: [false, expect.stringMatching(/^invalid: event too large: 7\d\d$/)],
    },
  ])('an event that is $says', async ({ fields, ok }) => {
    const { created_at = 0, ...rest } = fields
    expect(await client.publish(relay.person().sign({ ...rest, created_at: relay.clock.now() + created_at }))).toEqual(
      ok,
    )
  })

  test('are told in NIP-11', async () => {
    const info = await fetch(relay.http, { headers: { accept: 'application/nostr+json' } })
    expect(await info.json()).toMatchObject({ limitation: { created_at_lower_limit: 1000 } })
  })
})
