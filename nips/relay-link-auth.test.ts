import { describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { signInStage, slowSigner } from '#tests/support/sign-in-stage'
import { requireRelayAuth } from './nip42.ts'
import type { Signer } from './relay-link.ts'

const alice = author()
const one = alice.sign({ content: 'one' })
const quick: Signer = { sign: alice.sign }
const locked = 'auth-required: sign in'

describe('signing in', () => {
  test('comes before what is private, and before everything that is published, where the relay asks for it', async () => {
    let ready = 0
    const { subscribe, publish, accept, challenge, judge, clock, verbs, authOf } = signInStage({
      signer: quick,
      onReady: () => {
        ready += 1
      },
    })
    subscribe('parties')
    publish(one)
    await accept()
    await challenge('c1')
    await clock.advance(200)
    expect([verbs(), ready]).toEqual([['AUTH'], 0])
    const here = { challenge: 'c1', hosts: ['relay.example'], now: clock.now() }
    expect(() => requireRelayAuth(alice.sign(authOf()[0]), here)).not.toThrow()
    await judge(true)
    expect([verbs(), ready]).toEqual([['AUTH', 'REQ', 'EVENT'], 1])
    await clock.advance(30_000)
    expect([verbs(), ready]).toEqual([['AUTH', 'REQ', 'EVENT'], 1])
  })

  test('is needed by what is private on the next connection as well', async () => {
    const { subscribe, publish, accept, comeBack, challenge, judge, relay, verbs, asked, publishedIds } = signInStage({
      signer: quick,
    })
    subscribe('parties')
    await accept()
    await challenge('c1')
    await judge(true)
    const { end } = publish(one)
    await comeBack()
    expect(verbs()).toEqual([])
    await challenge('c2')
    await judge(true)
    expect([asked(), publishedIds()]).toEqual([['s1'], [one.id]])
    expect(relay.last.said('REQ')).toEqual(relay.sockets[0]?.said('REQ'))
    relay.last.say('OK', one.id, false, 'duplicate: already have it')
    expect(await end).toEqual({ returned: undefined })
  })

  test('is waited for by what is private, and by nothing public', async () => {
    const { subscribe, accept, challenge, judge, asked } = signInStage({ signer: quick })
    for (const readers of ['parties', 'public'] as const) subscribe(readers)
    await accept()
    for (const readers of ['parties', 'public'] as const) subscribe(readers)
    expect(asked()).toEqual(['s2', 's4'])
    await challenge('c1')
    await judge(true)
    expect(asked()).toEqual(['s2', 's4', 's1', 's3'])
  })

  test.each([
    { says: 'never asks', challenged: false, after: 1500 },
    { says: 'never answers', challenged: true, after: 2000 },
  ])('is not waited for when the relay $says', async ({ challenged, after }) => {
    const { link, subscribe, publish, accept, challenge, clock, verbs } = signInStage({ signer: quick })
    subscribe('parties')
    publish(one)
    await accept()
    if (challenged) await challenge('c1')
    await clock.advance(after - 1)
    expect([verbs().includes('REQ'), verbs().includes('EVENT'), link.isReady]).toEqual([false, false, false])
    await clock.advance(1)
    expect([verbs().includes('REQ'), verbs().includes('EVENT'), link.isReady]).toEqual([true, true, true])
  })

  test('does not happen without a signer, and nothing waits', async () => {
    const { subscribe, accept, challenge, relay, clock, verbs } = signInStage({})
    const ended = subscribe('parties')
    await accept()
    await challenge('c1')
    relay.last.say('CLOSED', 's1', locked)
    await clock.advance(5000)
    expect([verbs(), ended]).toEqual([['REQ'], [locked]])
  })

  test.each([locked, `ERROR: ${locked}`])(
    'asks again for what was refused with %j, and for nothing else',
    async (reason) => {
      const { subscribe, publish, accept, challenge, judge, relay, clock, asked, publishedIds } = signInStage({
        signer: quick,
      })
      const ended = [subscribe('public'), subscribe('parties')]
      const { end } = publish(one)
      await accept()
      await clock.advance(1500)
      await challenge('c1')
      relay.last.say('CLOSED', 's2', reason)
      relay.last.say('OK', one.id, false, reason)
      await clock.advance(1000)
      expect([asked(), publishedIds()]).toEqual([['s1', 's2'], [one.id]])
      await judge(true)
      expect([asked(), publishedIds()]).toEqual([
        ['s1', 's2', 's2'],
        [one.id, one.id],
      ])
      relay.last.say('OK', one.id, true, '')
      expect([await end, ended]).toEqual([{ returned: undefined }, [[], []]])
    },
  )

  test('that comes while a refusal was on its way lets it be tried again, but not for ever', async () => {
    const { subscribe, publish, accept, challenge, judge, relay, clock, asked, publishedIds } = signInStage({
      signer: quick,
    })
    await accept()
    await challenge('c1')
    await judge(true)
    const ended = subscribe('parties')
    const { seen, end } = publish(one)
    for (let time = 0; time < 3; time += 1) {
      relay.last.say('CLOSED', 's1', locked)
      relay.last.say('OK', one.id, false, locked)
      await clock.advance(4000)
    }
    expect([asked().length, publishedIds().length, seen.ended, ended]).toEqual([4, 4, false, []])
    relay.last.say('CLOSED', 's1', locked)
    relay.last.say('OK', one.id, false, locked)
    expect([await end, ended]).toEqual([{ code: 'unauthorized', message: locked }, [locked]])
  })

  test('counts for one connection: the next one begins as a stranger', async () => {
    const { link, subscribe, publish, accept, comeBack, challenge, judge, relay, clock, verbs } = signInStage({
      signer: quick,
    })
    subscribe('parties')
    publish(one)
    await accept()
    await challenge('c1')
    await judge(true)
    await comeBack()
    await clock.advance(1500)
    expect([verbs(), link.isReady]).toEqual([['REQ', 'EVENT'], true])
    relay.last.say('CLOSED', 's1', locked)
    relay.last.say('OK', one.id, false, locked)
    await clock.advance(30_000)
    expect(verbs()).toEqual(['REQ', 'EVENT'])
    await challenge('c1')
    await judge(true)
    expect(verbs()).toEqual(['REQ', 'EVENT', 'AUTH', 'REQ', 'EVENT'])
  })

  test('answers one challenge once, and the challenge of each connection', async () => {
    const { accept, comeBack, challenge, relay, authOf } = signInStage({ signer: quick })
    await accept()
    for (let time = 0; time < 3; time += 1) await challenge('c1')
    await comeBack()
    await challenge('c2')
    const answered = relay.sockets.map((socket) =>
      authOf(socket).map(({ tags }) => tags.find(([name]) => name === 'challenge')?.[1]),
    )
    expect(answered).toEqual([['c1'], ['c2']])
  })

  test('answers a newer challenge instead of the one before', async () => {
    const { signer, waiting } = slowSigner(alice)
    const { accept, challenge, clock, authOf } = signInStage({ signer })
    await accept()
    await challenge('c1')
    await challenge('c2')
    for (const { give } of waiting) give()
    await clock.advance(0)
    expect(authOf().map(({ tags }) => tags[1])).toEqual([['challenge', 'c2']])
  })

  test('may take a person any time, and what is public does not wait for it', async () => {
    const { signer, waiting } = slowSigner(alice)
    const { subscribe, publish, accept, challenge, clock, asked, judge, verbs } = signInStage({ signer })
    subscribe('public')
    subscribe('parties')
    publish(one)
    await accept()
    await challenge('c1')
    await clock.advance(30_000)
    expect(verbs()).toEqual(['REQ'])
    waiting[0]?.give()
    await clock.advance(0)
    await judge(true)
    expect([verbs(), asked()]).toEqual([
      ['REQ', 'AUTH', 'REQ', 'EVENT'],
      ['s1', 's2'],
    ])
  })

  test('with a signature that comes after a cut leaves the next connection free to sign in', async () => {
    const { signer, waiting } = slowSigner(alice)
    const { accept, challenge, relay, clock, authOf } = signInStage({ signer })
    await accept()
    await challenge('c1')
    relay.last.cut()
    await clock.advance(800)
    await accept()
    waiting[0]?.give()
    await clock.advance(0)
    expect(authOf()).toEqual([])
    await challenge('c2')
    waiting[1]?.give()
    await clock.advance(0)
    expect(authOf().map(({ tags }) => tags[1])).toEqual([['challenge', 'c2']])
  })

  test('that the signer refuses leaves what needs no key working, and may be asked for again', async () => {
    const { signer, waiting } = slowSigner(alice)
    const { subscribe, publish, accept, challenge, relay, clock, verbs, asked, judge } = signInStage({ signer })
    const ended = [subscribe('public'), subscribe('parties')]
    publish(one)
    await accept()
    await challenge('c1')
    waiting[0]?.refuse()
    await clock.advance(0)
    expect(verbs()).toEqual(['REQ', 'REQ', 'EVENT'])
    relay.last.say('CLOSED', 's2', locked)
    await clock.advance(30_000)
    await challenge('c1')
    waiting[1]?.give()
    await clock.advance(0)
    expect(verbs()).toEqual(['REQ', 'REQ', 'EVENT', 'AUTH'])
    await judge(true)
    expect([asked(), ended]).toEqual([
      ['s1', 's2', 's2'],
      [[], []],
    ])
  })

  test('that the relay refuses leaves what needs no key working', async () => {
    const { subscribe, publish, accept, challenge, judge, verbs } = signInStage({ signer: quick })
    subscribe('parties')
    publish(one)
    await accept()
    await challenge('c1')
    await judge(false, 'invalid: challenge string mismatch')
    expect(verbs()).toEqual(['AUTH', 'REQ', 'EVENT'])
  })

  test('comes before what is sent without waiting for an answer', async () => {
    const { link, accept, challenge, judge, publishedIds } = signInStage({ signer: quick })
    await accept()
    await challenge('c1')
    link.send(one)
    expect(publishedIds()).toEqual([])
    await judge(true)
    link.send(one)
    expect(publishedIds()).toEqual([one.id])
  })
})
