import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Author, author } from '#tests/support/author'
import { type ManualClock, manualClock } from '#tests/support/clock'
import { type ScriptedRelay, scriptedRelay } from '#tests/support/scripted-relay'
import type { EventTemplate, NostrEvent } from './keys.ts'
import { requireRelayAuth } from './nip42.ts'
import { RelayLink, type Signer } from './relay-link.ts'

const alice = author()
const one = alice.sign({ content: 'one' })

let clock: ManualClock
let relay: ScriptedRelay
let links: RelayLink[]

beforeEach(() => {
  clock = manualClock()
  relay = scriptedRelay()
  links = []
})
afterEach(() => {
  for (const link of links) link.close()
})

function connect(signer?: Signer): RelayLink {
  const link = new RelayLink({ url: 'wss://relay.example', open: relay.open, clock, ...(signer ? { signer } : {}) })
  links.push(link)
  return link
}

async function accept(): Promise<void> {
  relay.last.accept()
  await clock.advance(0)
}

const publishedIds = () => relay.last.said('EVENT').map(([event]) => (event as NostrEvent).id)

/** A signer whose signatures come when the test says so. */
function slowSigner(by: Author) {
  const waiting: { give: () => void; refuse: () => void }[] = []
  const sign = (template: EventTemplate) =>
    new Promise<NostrEvent>((resolve, reject) => {
      waiting.push({ give: () => resolve(by.sign(template)), refuse: () => reject(new Error('no')) })
    })
  return { signer: { pubkey: by.pubkey, sign }, waiting }
}

const quick: Signer = { pubkey: alice.pubkey, sign: alice.sign }
const authOf = (at = -1) =>
  relay.sockets
    .at(at)
    ?.said('AUTH')
    .map(([event]) => event as NostrEvent) ?? []
const verbs = () => relay.last.sent.map(([verb]) => verb)
const sink = () => {
  const heard = { closed: [] as string[] }
  return { heard, onEvent: () => undefined, onClosed: (reason: string) => void heard.closed.push(reason) }
}

describe('signing in', () => {
  test('comes before everything else where the relay asks for it', async () => {
    const link = connect(quick)
    link.subscribe([{ kinds: [1059] }], sink())
    void link.publish(one).catch(() => undefined)
    await accept()
    relay.last.say('AUTH', 'c1')
    await clock.advance(200)
    expect(verbs()).toEqual(['AUTH'])
    const [auth] = authOf()
    const here = { challenge: 'c1', hosts: ['relay.example'], now: clock.now() }
    expect(() => requireRelayAuth(alice.sign(auth), here)).not.toThrow()
    relay.last.say('OK', auth?.id, true, '')
    await clock.advance(0)
    expect(verbs()).toEqual(['AUTH', 'REQ', 'EVENT'])
    await clock.advance(60_000)
    expect(verbs()).toEqual(['AUTH', 'REQ', 'EVENT'])
  })

  test.each([
    { says: 'never asks', challenge: false, after: 250 },
    { says: 'never answers', challenge: true, after: 2250 },
  ])('is not waited for when the relay $says', async ({ challenge, after }) => {
    const link = connect(quick)
    link.subscribe([{ kinds: [1] }], sink())
    await accept()
    if (challenge) relay.last.say('AUTH', 'c1')
    await clock.advance(after - 1)
    expect(verbs()).not.toContain('REQ')
    await clock.advance(1)
    expect(verbs()).toContain('REQ')
  })

  test('does not happen without a signer, and nothing waits', async () => {
    const link = connect()
    const { heard, ...receiver } = sink()
    link.subscribe([{ kinds: [1059] }], receiver)
    await accept()
    relay.last.say('AUTH', 'c1')
    relay.last.say('CLOSED', 's1', 'auth-required: sign in')
    await clock.advance(5000)
    expect([verbs(), heard.closed]).toEqual([['REQ'], ['auth-required: sign in']])
  })

  test('asks again for what was refused for want of it, and for nothing else', async () => {
    const link = connect(quick)
    const { heard, ...receiver } = sink()
    link.subscribe([{ kinds: [1] }], receiver)
    link.subscribe([{ kinds: [1059] }], receiver)
    const end = link.publish(one)
    await accept()
    await clock.advance(250)
    relay.last.say('AUTH', 'c1')
    relay.last.say('CLOSED', 's2', 'auth-required: sign in')
    relay.last.say('OK', one.id, false, 'auth-required: sign in')
    await clock.advance(0)
    relay.last.say('OK', authOf()[0]?.id, true, '')
    await clock.advance(0)
    expect(relay.last.said('REQ').map(([id]) => id)).toEqual(['s1', 's2', 's2'])
    expect(publishedIds()).toEqual([one.id, one.id])
    relay.last.say('OK', one.id, true, '')
    expect([await end, heard.closed]).toEqual([undefined, []])
  })

  test('answers one challenge once, and the challenge of each connection', async () => {
    connect(quick)
    await accept()
    for (let time = 0; time < 3; time += 1) relay.last.say('AUTH', 'c1')
    await clock.advance(0)
    relay.last.cut()
    await clock.advance(15_000)
    await accept()
    relay.last.say('AUTH', 'c2')
    await clock.advance(0)
    const answered = relay.sockets.map((_, at) =>
      authOf(at).map(({ tags }) => tags.find(([name]) => name === 'challenge')?.[1]),
    )
    expect(answered).toEqual([['c1'], ['c2']])
  })

  test('with a signature that comes after a cut leaves the next connection free to sign in', async () => {
    const { signer, waiting } = slowSigner(alice)
    connect(signer)
    await accept()
    relay.last.say('AUTH', 'c1')
    await clock.advance(0)
    relay.last.cut()
    await clock.advance(400)
    waiting[0]?.give()
    await clock.advance(0)
    await accept()
    relay.last.say('AUTH', 'c2')
    await clock.advance(0)
    waiting[1]?.give()
    await clock.advance(0)
    expect(authOf().map(({ tags }) => tags[1])).toEqual([['challenge', 'c2']])
  })

  test('that the signer refuses leaves what needs no key working, and may be asked for again', async () => {
    const { signer, waiting } = slowSigner(alice)
    const link = connect(signer)
    link.subscribe([{ kinds: [1] }], sink())
    await accept()
    relay.last.say('AUTH', 'c1')
    await clock.advance(0)
    waiting[0]?.refuse()
    await clock.advance(250)
    expect(verbs()).toEqual(['REQ'])
    relay.last.say('AUTH', 'c1')
    await clock.advance(0)
    waiting[1]?.give()
    await clock.advance(0)
    expect(verbs()).toEqual(['REQ', 'AUTH'])
  })

  test('that the relay refuses leaves what needs no key working', async () => {
    const link = connect(quick)
    link.subscribe([{ kinds: [1] }], sink())
    await accept()
    relay.last.say('AUTH', 'c1')
    await clock.advance(0)
    relay.last.say('OK', authOf()[0]?.id, false, 'invalid: challenge string mismatch')
    await clock.advance(0)
    expect(verbs()).toEqual(['AUTH', 'REQ'])
  })
})
