import { afterEach, describe, expect, test } from 'vitest'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import { is } from '../testing/wire.ts'
import type { Answer, Source } from './plugin.ts'
import { judgeBy } from './verdict.ts'

let relay: TestRelay
afterEach(() => relay.close())

/** A relay whose plugin answers as the event's content says, and what it was asked. */
async function withPlugin() {
  const asked: Source[] = []
  const plugin = judgeBy({
    async ask({ content }, source) {
      asked.push(source)
      const [action, msg = ''] = content.split('|')
      return { action: action as Answer['action'], msg }
    },
  })
  relay = await serveRelay({ plugin, verify: () => true })
  return asked
}

describe('what the plugin says', () => {
  test.each([
    { content: 'accept', ok: [true, ''], stored: 1 },
    { content: 'reject|blocked: not on the list', ok: [false, 'blocked: not on the list'], stored: 0 },
    { content: 'reject|no prefix at all', ok: [false, 'no prefix at all'], stored: 0 },
    { content: 'shadowReject|nobody shall know', ok: [true, ''], stored: 0 },
  ])('$content is what the sender hears', async ({ content, ok, stored }) => {
    await withPlugin()
    const client = await relay.client()
    const event = relay.person().sign({ content })
    expect(await client.publish(event)).toEqual(ok)
    expect((await client.ask('s', { ids: [event.id] })).ids).toHaveLength(stored)
  })

  test('counts for ephemeral events too', async () => {
    await withPlugin()
    const [sender, listener] = [await relay.client(), await relay.client()]
    await listener.ask('live', { kinds: [20_001] })
    const pen = relay.person()
    await sender.publish(pen.sign({ kind: 20_001, content: 'shadowReject' }))
    const taken = pen.sign({ kind: 20_001, content: 'accept' })
    await sender.publish(taken)
    expect((await listener.next(is('EVENT')))[2]).toMatchObject({ id: taken.id })
  })

  test('is asked for last, and never about what is refused or here already', async () => {
    const asked = await withPlugin()
    const client = await relay.client()
    const [pen, now] = [relay.person(), relay.clock.now()]
    const event = pen.sign({ content: 'accept' })
    await client.publish(event)
    expect(await client.publish(event)).toEqual([true, 'duplicate: have this event'])
    await client.publish(pen.sign({ created_at: now + 100_000, content: 'accept' }))
    await client.publish(pen.sign({ kind: 7000, content: 'accept' }))
    expect(asked).toHaveLength(1)
  })

  test('goes by the address and one key that has signed in, the author where it is one of them', async () => {
    const asked = await withPlugin()
    const [one, two] = [relay.person(), relay.person()]
    const client = await relay.client(one, two)
    await client.publish(two.sign({ content: 'accept' }))
    await client.publish(relay.person().sign({ content: 'accept' }))
    await (await relay.client()).publish(one.sign({ content: 'accept' }))
    const address = { type: 'IP4', info: '127.0.0.1' }
    expect(asked).toEqual([
      { ...address, authed: two.pubkey },
      { ...address, authed: one.pubkey },
      { ...address, authed: undefined },
    ])
  })
})
