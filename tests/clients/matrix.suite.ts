import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { signEvent } from '#nips/keys'
import { type Client, connect } from '#relay/testing/wire'
import { type Author, author } from '../support/author.ts'
import { pause, until } from '../support/wait.ts'
import type { Filter, Library, OpenLibrary } from './library.ts'
import { type StandingRelay, standingRelay } from './relay.ts'

const NOTE = 1
const GIFT_WRAP = 1059
/** Milliseconds in which what should not come would have come. */
const A_WHILE = 400
const DAY = 86_400

/** What every client library can do with our relay; the same for all of them. */
export function describeLibrary(library: Library): void {
  describe(library.name, { timeout: 60_000 }, () => {
    let relay: StandingRelay
    beforeAll(async () => {
      relay = await standingRelay()
    }, 30_000)
    afterAll(() => relay.close())

    let me: Author
    let topic: string
    let other: Client
    beforeEach(async () => {
      me = author()
      topic = crypto.randomUUID()
      other = await connect(relay.url)
    })

    const now = (): number => Math.floor(Date.now() / 1000)
    const sign = (by: Author, fields: { kind?: number; created_at?: number; tags?: string[][]; content?: string }) =>
      signEvent({ kind: NOTE, created_at: now(), tags: [['t', topic]], content: topic, ...fields }, by.secretKey)
    const wrapFor = ({ pubkey }: Author) => sign(author(), { kind: GIFT_WRAP, tags: [['p', pubkey]] })
    const onTopic = (): Filter => ({ kinds: [NOTE], '#t': [topic] })

    async function open(user = me): Promise<OpenLibrary> {
      const opened = await library.open(relay.url, user)
      onTestFinished(async () => opened.close())
      return opened
    }
    async function listen(filter: Filter, user = me): Promise<string[]> {
      const heard: string[] = []
      await (await open(user)).listen(filter, (id) => heard.push(id))
      return heard
    }
    const arrival = (heard: readonly string[], ids: readonly string[]) =>
      until('every event', () => ids.every((id) => heard.includes(id)), 30_000)

    test('publishes, and hears of a refusal', async () => {
      const client = await open()
      const note = sign(me, {})
      expect(await client.publish(note)).toBe(true)
      expect((await other.ask('all', onTopic())).ids).toEqual([note.id])
      expect(await client.publish(sign(me, { created_at: now() + 100_000 }))).toBe(false)
    })

    test('finds what is stored, and no more than it asked for', async () => {
      const notes = [5, 3, 1].map((age) => sign(me, { created_at: now() - age }))
      for (const note of notes) await other.publish(note)
      await other.publish(sign(me, { kind: 7 }))
      const client = await open()
      expect((await client.query(onTopic())).toSorted()).toEqual(notes.map(({ id }) => id).toSorted())
      expect(await client.query({ ...onTopic(), limit: 1 })).toEqual([notes[2]?.id])
      expect(await client.query({ kinds: [NOTE], '#t': ['nobody says this'] })).toEqual([])
    })

    test('hears stored events, then live ones, each once', async () => {
      const [before, after] = [sign(me, { created_at: now() - 5 }), sign(author(), {})]
      await other.publish(before)
      const heard = await listen(onTopic())
      await arrival(heard, [before.id])
      await other.publish(after)
      await arrival(heard, [after.id])
      await pause(A_WHILE)
      expect(heard).toEqual([before.id, after.id])
    })

    test('signs in when asked to, and then reads what is private to it', async () => {
      const [first, second] = [wrapFor(me), wrapFor(me)]
      await other.publish(first)
      const heard = await listen({ kinds: [GIFT_WRAP], '#p': [me.pubkey] })
      await arrival(heard, [first.id])
      await other.publish(second)
      await arrival(heard, [second.id])
    })

    test('does not read what is private to others, though it asks for it', async () => {
      const stranger = author()
      const [mine, theirs] = [wrapFor(me), wrapFor(stranger)]
      await other.publish(mine)
      await other.publish(theirs)
      const heard = await listen({ kinds: [GIFT_WRAP], '#p': [me.pubkey, stranger.pubkey] }, stranger)
      await arrival(heard, [theirs.id])
      await pause(A_WHILE)
      expect(heard).toEqual([theirs.id])
    })

    test('signs in when asked to, and then publishes what only its author may', async () => {
      const client = await open()
      expect(await client.publish(sign(me, { tags: [['-'], ['t', topic]] }))).toBe(true)
      expect((await other.ask('all', onTopic())).ids).toHaveLength(1)
    })

    test(`goes on after a cut without a loss, ${library.help ? `when ${library.help}` : 'by itself'}`, async () => {
      const heard = await listen(onTopic())
      const seen = sign(me, {})
      await other.publish(seen)
      await arrival(heard, [seen.id])
      await relay.cut()
      await relay.comeBack()
      const publisher = await connect(relay.url)
      const missed = [
        sign(me, { created_at: seen.created_at, content: 'in the second of the last one it saw' }),
        sign(me, { created_at: seen.created_at - DAY, content: 'dated before it' }),
        sign(me, { content: 'while it was away' }),
      ]
      for (const event of missed) expect(await publisher.publish(event)).toEqual([true, ''])
      await arrival(
        heard,
        missed.map(({ id }) => id),
      )
      const live = sign(me, { content: 'after it was back' })
      await publisher.publish(live)
      await arrival(heard, [live.id])
      expect(new Set(heard).size).toBe(5)
    })
  })
}
