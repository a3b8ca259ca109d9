import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOW, type Person } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import type { Client } from './testing/wire.ts'

let relay: TestRelay
let client: Client
let author: Person
beforeAll(async () => {
  relay = await serveRelay({ verify: () => true })
  client = await relay.client()
  author = relay.person()
})
afterAll(() => relay.close())

const E = 'e'.repeat(64)
const P = 'd'.repeat(64)

describe('what other NIPs define and a relay only keeps', () => {
  test.each([
    { what: 'a list of follows (NIP-02)', kind: 3, tags: [['p', P, '', 'bob']], keeps: 'the latest' },
    {
      what: 'a list of relays (NIP-65)',
      kind: 10_002,
      tags: [['r', 'wss://relay.example', 'read']],
      keeps: 'the latest',
    },
    {
      what: 'a comment (NIP-22)',
      kind: 1111,
      tags: [
        ['E', E],
        ['K', '1'],
        ['e', E],
        ['k', '1'],
      ],
      keeps: 'all',
    },
    { what: 'a public chat (NIP-28)', kind: 40, tags: [], keeps: 'all' },
    { what: 'what a chat is about', kind: 41, tags: [['e', E, '', 'root']], keeps: 'all' },
    { what: 'a message to a chat', kind: 42, tags: [['e', E, '', 'root']], keeps: 'all' },
    { what: 'that somebody hides a message', kind: 43, tags: [['e', E]], keeps: 'all' },
    { what: 'that somebody mutes a key', kind: 44, tags: [['p', P]], keeps: 'all' },
    {
      what: 'a report (NIP-56)',
      kind: 1984,
      tags: [
        ['e', E, 'spam'],
        ['p', P],
      ],
      keeps: 'all',
    },
  ])('$what', async ({ kind, tags, keeps }) => {
    const [older, newer] = [0, 1].map((later) =>
      author.sign({ kind, tags, created_at: NOW + later, content: String(later) }),
    )
    for (const event of [older, newer]) expect(await client.publish(event ?? author.sign({}))).toEqual([true, ''])
    const { ids } = await client.ask('kept', { kinds: [kind], authors: [author.pubkey] })
    expect(ids).toEqual(keeps === 'all' ? [newer?.id, older?.id] : [newer?.id])
    const [letter, value] = tags[0] ?? []
    const found = await client.ask('found', { kinds: [kind], ...(letter ? { [`#${letter}`]: [value] } : {}) })
    expect(found.ids).toContain(newer?.id)
    if (keeps === 'the latest') expect((await client.publish(older ?? author.sign({})))[0]).toBe(false)
  })

  test('hiding and muting take nothing from anybody: the message is still there, and so is its author', async () => {
    const loud = relay.person()
    const message = loud.sign({ kind: 42, tags: [['e', E, '', 'root']] })
    await client.publish(message)
    await client.publish(author.sign({ kind: 43, tags: [['e', message.id]] }))
    await client.publish(author.sign({ kind: 44, tags: [['p', loud.pubkey]] }))
    expect((await client.ask('left', { ids: [message.id] })).ids).toEqual([message.id])
    expect(await client.publish(loud.sign({ kind: 42, content: 'again' }))).toEqual([true, ''])
  })
})
