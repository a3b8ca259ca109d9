import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { type NostrEvent, signEvent } from '#nips/keys'
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

const now = (): number => Math.floor(Date.now() / 1000)

/** One test's people, its topic, and a connection without any library. */
type Stage = {
  me: Author
  other: Client
  onTopic: Filter
  /** A note on the topic, now, unless the fields say otherwise. */
  sign(by: Author, fields?: Partial<Pick<NostrEvent, 'kind' | 'created_at' | 'tags' | 'content'>>): NostrEvent
  wrapFor(reader: Author): NostrEvent
  open(): Promise<OpenLibrary>
  /** The ids that a subscription of the library hears from now on. */
  listen(filter: Filter, user?: Author): Promise<string[]>
}

async function set(library: Library, relay: StandingRelay, { onTestFinished }: TestContext): Promise<Stage> {
  const [me, topic] = [author(), crypto.randomUUID()]
  const open = async (user = me) => {
    const opened = await library.open(relay.url, user)
    onTestFinished(async () => opened.close())
    return opened
  }
  const sign: Stage['sign'] = (by, fields) =>
    signEvent({ kind: NOTE, created_at: now(), tags: [['t', topic]], content: topic, ...fields }, by.secretKey)
  return {
    me,
    other: await connect(relay.url),
    onTopic: { kinds: [NOTE], '#t': [topic] },
    sign,
    wrapFor: ({ pubkey }) => sign(author(), { kind: GIFT_WRAP, tags: [['p', pubkey]] }),
    open,
    async listen(filter, user) {
      const heard: string[] = []
      await (await open(user)).listen(filter, (id) => heard.push(id))
      return heard
    },
  }
}

const arrival = (heard: readonly string[], ...events: readonly NostrEvent[]) =>
  until('every event', () => events.every(({ id }) => heard.includes(id)), 30_000)

/** What every client library can do with our relay; the same for all of them. */
export function describeLibrary(library: Library): void {
  describe(library.name, { timeout: 60_000 }, () => {
    let relay: StandingRelay
    beforeAll(async () => {
      relay = await standingRelay()
    }, 30_000)
    afterAll(() => relay.close())
    const stage = (context: TestContext) => set(library, relay, context)

    describe('while the relay stands', { concurrent: true }, () => describeStanding(stage))

    test(`goes on after a cut without a loss, ${library.help ? `when ${library.help}` : 'by itself'}`, async (context) => {
      const { me, other, onTopic, sign, listen } = await stage(context)
      const heard = await listen(onTopic)
      const seen = sign(me)
      await other.publish(seen)
      await arrival(heard, seen)
      await relay.cut()
      await relay.comeBack()
      const publisher = await connect(relay.url)
      const missed = [
        sign(me, { created_at: seen.created_at, content: 'in the second of the last one it saw' }),
        sign(me, { created_at: seen.created_at - DAY, content: 'dated before it' }),
        sign(me, { content: 'while it was away' }),
      ]
      for (const event of missed) expect(await publisher.publish(event)).toEqual([true, ''])
      await arrival(heard, ...missed)
      const live = sign(me, { content: 'after it was back' })
      await publisher.publish(live)
      await arrival(heard, live)
      expect(new Set(heard).size).toBe(5)
    })
  })
}

function describeStanding(stage: (context: TestContext) => Promise<Stage>): void {
  test('publishes, and hears of a refusal', async (context) => {
    const { me, other, onTopic, sign, open } = await stage(context)
    const client = await open()
    const note = sign(me)
    expect(await client.publish(note)).toBe(true)
    expect((await other.ask('all', onTopic)).ids).toEqual([note.id])
    expect(await client.publish(sign(me, { created_at: now() + 100_000 }))).toBe(false)
  })

  test('finds what is stored, and no more than it asked for', async (context) => {
    const { me, other, onTopic, sign, open } = await stage(context)
    const notes = [5, 3, 1].map((age) => sign(me, { created_at: now() - age }))
    for (const note of [...notes, sign(me, { kind: 7 })]) await other.publish(note)
    const client = await open()
    expect((await client.query(onTopic)).toSorted()).toEqual(notes.map(({ id }) => id).toSorted())
    expect(await client.query({ ...onTopic, limit: 1 })).toEqual([notes[2]?.id])
    expect(await client.query({ kinds: [NOTE], '#t': ['nobody says this'] })).toEqual([])
  })

  test('hears stored events, then live ones, each once', async (context) => {
    const { me, other, onTopic, sign, listen } = await stage(context)
    const [before, after] = [sign(me, { created_at: now() - 5 }), sign(author())]
    await other.publish(before)
    const heard = await listen(onTopic)
    await arrival(heard, before)
    await other.publish(after)
    await arrival(heard, after)
    await pause(A_WHILE)
    expect(heard).toEqual([before.id, after.id])
  })

  test('signs in when asked to, and then reads what is private to it', async (context) => {
    const { me, other, wrapFor, listen } = await stage(context)
    const [first, second] = [wrapFor(me), wrapFor(me)]
    await other.publish(first)
    const heard = await listen({ kinds: [GIFT_WRAP], '#p': [me.pubkey] })
    await arrival(heard, first)
    await other.publish(second)
    await arrival(heard, second)
  })

  test('does not read what is private to others, though it asks for it', async (context) => {
    const { me, other, wrapFor, listen } = await stage(context)
    const stranger = author()
    const [mine, theirs] = [wrapFor(me), wrapFor(stranger)]
    await other.publish(mine)
    await other.publish(theirs)
    const heard = await listen({ kinds: [GIFT_WRAP], '#p': [me.pubkey, stranger.pubkey] }, stranger)
    await arrival(heard, theirs)
    await pause(A_WHILE)
    expect(heard).toEqual([theirs.id])
  })

  test('signs in when asked to, and then publishes what only its author may', async (context) => {
    const { me, other, onTopic, sign, open } = await stage(context)
    const mine = sign(me, { tags: [['-'], ...sign(me).tags] })
    expect(await (await open()).publish(mine)).toBe(true)
    expect((await other.ask('all', onTopic)).ids).toEqual([mine.id])
  })
}
