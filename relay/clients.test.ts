import NDK, { NDKEvent, NDKPrivateKeySigner, NDKRelayAuthPolicies } from '@nostr-dev-kit/ndk'
import { type EventTemplate, finalizeEvent, generateSecretKey, getPublicKey, SimplePool } from 'nostr-tools'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#nips/kit/clock'
import { NOW } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'

let relay: TestRelay
beforeAll(async () => {
  relay = await serveRelay()
  relay.clock.advance(systemClock().now() - NOW)
})
afterAll(() => relay.close())

describe('nostr-tools', () => {
  test('publishes, finds, listens, and reads private kinds after it was asked to sign in', async () => {
    const pool = new SimplePool()
    const [key, other] = [generateSecretKey(), generateSecretKey()]
    const pubkey = getPublicKey(key)
    const onauth = async (template: EventTemplate) => finalizeEvent(template, key)
    const note = finalizeEvent({ kind: 1, created_at: relay.clock.now(), tags: [['t', 'x']], content: 'hello' }, key)
    await Promise.all(pool.publish([relay.url], note))
    expect(await pool.get([relay.url], { '#t': ['x'] })).toMatchObject({ id: note.id })

    const wrap = finalizeEvent({ kind: 1059, created_at: relay.clock.now(), tags: [['p', pubkey]], content: '' }, other)
    const received = new Promise((resolve) => {
      pool.subscribe([relay.url], { kinds: [1059], '#p': [pubkey] }, { onauth, onevent: (event) => resolve(event.id) })
    })
    await Promise.all(pool.publish([relay.url], wrap))
    expect(await received).toBe(wrap.id)

    const mine = finalizeEvent({ kind: 1, created_at: relay.clock.now(), tags: [['-']], content: 'only me' }, key)
    await Promise.all(pool.publish([relay.url], mine, { onauth }))
    pool.close([relay.url])
  })
})

describe('NDK', () => {
  test('publishes, finds, listens, and reads private kinds after it was asked to sign in', async () => {
    const signer = NDKPrivateKeySigner.generate()
    const ndk = new NDK({ explicitRelayUrls: [relay.url], signer, enableOutboxModel: false })
    ndk.relayAuthDefaultPolicy = NDKRelayAuthPolicies.signIn({ ndk, signer })
    await ndk.connect(2000)
    const { pubkey } = await signer.user()
    const note = new NDKEvent(ndk, {
      kind: 1,
      content: 'from ndk',
      tags: [['t', 'ndk']],
      created_at: relay.clock.now(),
      pubkey,
    })
    expect((await note.publish()).size).toBe(1)
    expect((await ndk.fetchEvent({ kinds: [1], '#t': ['ndk'] }))?.id).toBe(note.id)

    const wrap = relay.person().sign({ kind: 1059, tags: [['p', pubkey]] })
    const received = new Promise((resolve) => {
      ndk.subscribe(
        { kinds: [1059 as number], '#p': [pubkey] },
        { closeOnEose: false },
        { onEvent: (event) => resolve(event.id) },
      )
    })
    const publisher = await relay.client()
    await publisher.publish(wrap)
    expect(await received).toBe(wrap.id)
    for (const connected of ndk.pool.relays.values()) connected.disconnect()
  })
})
