import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { accessKind } from '#nips/nip43'
import type { Person } from '../testing/events.ts'
import { manage } from '../testing/managed.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import type { Client } from '../testing/wire.ts'

let relay: TestRelay
let member: Person
let inside: Client
beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_ACCESS: 'members' } })
  member = relay.person()
  await manage(relay, 'allowpubkey', member.pubkey, 'the first')
  inside = await relay.client(member)
})
afterAll(() => relay.close())

async function eventsOf(client: Client, filter: object): Promise<NostrEvent[]> {
  const from = client.heard.length
  await client.ask('events', filter)
  return client.heard
    .slice(from)
    .flatMap(([verb, name, event]) => (verb === 'EVENT' && name === 'events' ? [event as NostrEvent] : []))
}

const join = (person: Person, claim: string, created_at = relay.clock.now()): NostrEvent =>
  person.sign({ kind: accessKind.join, created_at, tags: [['-'], ['claim', claim]] })
const leave = (person: Person): NostrEvent => person.sign({ kind: accessKind.leave, tags: [['-']] })

async function inviteOf(client: Client): Promise<string> {
  const [invite] = await eventsOf(client, { kinds: [accessKind.invite] })
  return invite?.tags.find(([name]) => name === 'claim')?.[1] ?? ''
}

describe('a relay for its members', () => {
  test('says so in NIP-11', async () => {
    const info = await (await fetch(relay.http, { headers: { accept: 'application/nostr+json' } })).json()
    expect(info).toMatchObject({
      limitation: { auth_required: true },
      supported_nips: expect.arrayContaining([43, 86]),
    })
  })

  test.each([
    { says: 'a member', who: () => [member], writes: [true, ''], end: 'EOSE' },
    { says: 'a service', who: () => [relay.service], writes: [true, ''], end: 'EOSE' },
    { says: 'whoever runs it', who: () => [relay.operator], writes: [true, ''], end: 'EOSE' },
    {
      says: 'a stranger',
      who: () => [relay.person()],
      writes: [false, 'restricted: this relay is for its members'],
      end: 'restricted: this relay is for its members',
    },
    {
      says: 'whoever did not sign in',
      who: () => [],
      writes: [false, 'auth-required: this relay is for its members'],
      end: 'auth-required: this relay is for its members',
    },
  ])('is written to and read by $says', async ({ who, writes, end }) => {
    const people: Person[] = who()
    const client = await relay.client(...people)
    const author = people[0] ?? relay.person()
    expect(await client.publish(author.sign({ content: String(Math.random()) }))).toEqual(writes)
    const answer = await client.ask('all', {})
    expect(answer.end[0] === 'EOSE' ? 'EOSE' : answer.end[2]).toBe(end)
    expect(answer.ids.length > 0).toBe(end === 'EOSE')
  })

  test('takes a gift wrap of a throw-away key from a member', async () => {
    const wrap = relay.person().sign({ kind: 1059, tags: [['p', member.pubkey]] })
    expect(await inside.publish(wrap)).toEqual([true, ''])
  })

  test('tells its members and their roles', async () => {
    await manage(relay, 'createrole', 'king', 'King', 'rules', 37, '1')
    await manage(relay, 'assignrole', member.pubkey, 'king')
    const [list] = await eventsOf(inside, { kinds: [accessKind.members], authors: [relay.self] })
    expect(list?.tags).toEqual([['-'], ['member', member.pubkey, 'king']])
    const [role] = await eventsOf(inside, { kinds: [accessKind.role], '#d': ['king'] })
    expect(role?.tags.slice(2)).toEqual([
      ['label', 'King'],
      ['description', 'rules'],
      ['color', '37'],
      ['order', '1'],
    ])
    await manage(relay, 'editrole', 'king', 'Queen')
    await manage(relay, 'unassignrole', member.pubkey, 'king')
    expect((await eventsOf(inside, { kinds: [accessKind.members] }))[0]?.tags).toEqual([
      ['-'],
      ['member', member.pubkey],
    ])
    await manage(relay, 'deleterole', 'king')
    expect(await eventsOf(inside, { kinds: [accessKind.role] })).toEqual([])
  })
})

describe('an invite', () => {
  test('is made for a member, lets one key in at once, and is told to nobody', async () => {
    const [guest, other] = [relay.person(), relay.person()]
    const [guestWire, otherWire] = [await relay.client(guest), await relay.client(other)]
    expect(await inviteOf(guestWire)).toBe('')
    const code = await inviteOf(inside)
    expect(code).not.toBe('')
    expect(await inviteOf(inside)).toBe(code)
    await inside.ask('watch', { kinds: [accessKind.join, accessKind.added], limit: 0 })
    const answers = await Promise.all([guestWire.publish(join(guest, code)), otherWire.publish(join(other, code))])
    expect(answers.map(([accepted]) => accepted).sort()).toEqual([false, true])
    const [winner, winnerWire] = answers[0]?.[0] ? [guest, guestWire] : [other, otherWire]
    expect(await inside.got('watch')).toHaveLength(1)
    expect(await winnerWire.publish(join(winner, code))).toEqual([
      true,
      'duplicate: you are already a member of this relay.',
    ])
    expect(await winnerWire.publish(winner.sign({}))).toEqual([true, ''])
    expect((await winnerWire.ask('all', {})).ids.length).toBeGreaterThan(0)
  })

  test.each([
    { says: 'is wrong', code: async () => 'wrong', reason: 'restricted: that is an invalid invite code.' },
    {
      says: 'has ended',
      code: async () => {
        const code = await inviteOf(inside)
        relay.clock.advance(8 * 86_400)
        return code
      },
      reason: 'restricted: that invite code is expired.',
    },
    {
      says: 'is of somebody who was banned',
      code: async () => {
        const host = relay.person()
        await manage(relay, 'allowpubkey', host.pubkey)
        const code = await inviteOf(await relay.client(host))
        await manage(relay, 'banpubkey', host.pubkey)
        return code
      },
      reason: 'restricted: that is an invalid invite code.',
    },
  ])('that $says lets nobody in', async ({ code, reason }) => {
    const good = await code()
    const guest = relay.person()
    const wire = await relay.client(guest)
    expect(await wire.publish(join(guest, good))).toEqual([false, reason])
  })

  test('of another day is not taken, nor for somebody else', async () => {
    const guest = relay.person()
    const wire = await relay.client(guest)
    const old = join(guest, await inviteOf(inside), relay.clock.now() - 301)
    expect(await wire.publish(old)).toEqual([false, 'invalid: the request is not from now'])
    const other = join(relay.person(), await inviteOf(inside))
    expect(await wire.publish(other)).toEqual([false, 'restricted: must be published by the author'])
  })
})

test('who leaves or is struck out reads nothing more, on an open subscription too', async () => {
  const [guest, guest2] = [relay.person(), relay.person()]
  for (const { pubkey } of [guest, guest2]) await manage(relay, 'allowpubkey', pubkey)
  const clients = [await relay.client(guest), await relay.client(guest2)] as const
  for (const client of clients) await client.ask('live', { kinds: [1] })
  const before = await Promise.all(clients.map(async (client) => (await client.got('live')).length))
  expect(await clients[0].publish(leave(guest))).toEqual([true, 'info: you are no member of this relay any more.'])
  await manage(relay, 'unallowpubkey', guest2.pubkey)
  await inside.publish(member.sign({ content: 'among us' }))
  for (const client of clients) expect((await client.ask('more', {})).end[0]).toBe('CLOSED')
  expect(
    clients.map((client) => client.heard.filter(([verb, name]) => verb === 'EVENT' && name === 'live').length),
  ).toEqual(before)
  const removed = await eventsOf(inside, { kinds: [accessKind.removed], '#p': [guest.pubkey, guest2.pubkey] })
  expect(removed).toHaveLength(2)
})

test('a relay for everybody has no members to join, and tells none', async () => {
  const open = await serveRelay()
  const guest = open.person()
  const wire = await open.client(guest)
  await manage(open, 'allowpubkey', guest.pubkey)
  expect((await wire.publish(guest.sign({ kind: accessKind.join, tags: [['-'], ['claim', 'x']] })))[0]).toBe(false)
  expect(await eventsOf(wire, { kinds: [accessKind.members, accessKind.invite] })).toEqual([])
  const info = (await (await fetch(open.http, { headers: { accept: 'application/nostr+json' } })).json()) as {
    supported_nips: number[]
  }
  expect(info.supported_nips).not.toContain(43)
  await open.close()
})
