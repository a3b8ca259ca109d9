import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupKind } from '#nips/nip29'
import { person } from '../testing/events.ts'
import { eventsOf, type Founded, found } from '../testing/founded.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import type { Client } from '../testing/wire.ts'

let relay: TestRelay
let wire: Client
beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_GROUPS_PER_KEY: '2', RELAY_GROUP_MEMBERS: '5' }, verify: () => true })
  wire = await relay.client()
})
afterAll(() => relay.close())

const people = (...listed: { pubkey: string }[]) => listed.map(({ pubkey }) => ['p', pubkey])

describe('a group', () => {
  test('is told by the relay as its moderation makes it, before OK is said', async () => {
    const { admin, moderator, member, outsider, say, state } = await found(relay, wire, ['name', 'Pizza'])
    expect(await state(groupKind.metadata)).toEqual([['name', 'Pizza']])
    expect(await state(groupKind.admins)).toEqual([
      ['p', admin.pubkey, 'admin'],
      ['p', moderator.pubkey, 'moderator'],
    ])
    expect(await state(groupKind.members)).toEqual(people(admin, moderator, member))
    expect((await state(groupKind.roles))?.map(([, role]) => role)).toEqual(['admin', 'moderator'])
    expect(await state(groupKind.pins)).toBeUndefined()
    await say(moderator, groupKind.removeUser, ['p', member.pubkey])
    await say(moderator, groupKind.putUser, ['p', outsider.pubkey])
    expect(await state(groupKind.members)).toEqual(people(admin, moderator, outsider))
  })

  test('has its pins told, and told empty when they are gone', async () => {
    const { moderator, say, state } = await found(relay, wire)
    const pin = ['e', 'f'.repeat(64)]
    await say(moderator, groupKind.updatePins, pin)
    expect(await state(groupKind.pins)).toEqual([pin])
    await say(moderator, groupKind.updatePins)
    expect(await state(groupKind.pins)).toEqual([])
  })

  test('is told anew only where it is new, each time with a later date', async () => {
    const { id, moderator, say } = await found(relay, wire)
    await wire.ask('told', { kinds: [39_000, 39_001, 39_002, 39_003], '#d': [id], limit: 0 })
    for (const key of ['1', '2', '3']) await say(moderator, groupKind.putUser, ['p', key.repeat(64)])
    const told = wire.heard.flatMap(([verb, name, event]) =>
      verb === 'EVENT' && name === 'told' ? [event as { kind: number; created_at: number; id: string }] : [],
    )
    expect(told.map(({ kind }) => kind)).toEqual([39_002, 39_002])
    expect(new Set(told.map(({ created_at }) => created_at)).size).toBe(2)
    const [latest] = await eventsOf(wire, { kinds: [39_002], '#d': [id] })
    expect(latest?.id).toBe(told.at(-1)?.id)
  })

  test('lets in who wishes, and says so', async () => {
    const { id, outsider, say, state } = await found(relay, wire)
    expect(await say(outsider, groupKind.join)).toEqual([true, ''])
    expect(await say(outsider, groupKind.join)).toEqual([false, 'duplicate: you are a member of this group'])
    expect(await state(groupKind.members)).toContainEqual(['p', outsider.pubkey])
    expect(await say(outsider, groupKind.leave)).toEqual([true, ''])
    expect(await state(groupKind.members)).not.toContainEqual(['p', outsider.pubkey])
    const said = await eventsOf(wire, { kinds: [9000, 9001], '#h': [id], authors: [relay.self] })
    expect(said.map(({ kind, tags }) => [kind, tags[1]?.[1]]).sort()).toEqual([
      [9000, outsider.pubkey],
      [9001, outsider.pubkey],
    ])
  })

  test('takes what a moderator deleted out of itself, and not back', async () => {
    const { moderator, member, write, say } = await found(relay, wire)
    const elsewhere = member.sign({ content: 'elsewhere' })
    const post = write(member, 9)
    for (const event of [post, elsewhere]) await wire.publish(event)
    const ahead = write(member, 9)
    const named = [post, elsewhere, ahead].map(({ id }) => ['e', id])
    expect(await say(moderator, groupKind.deleteEvent, ...named)).toEqual([true, ''])
    expect((await wire.ask('left', { ids: [post.id, elsewhere.id] })).ids).toEqual([elsewhere.id])
    for (const event of [post, ahead])
      expect(await wire.publish(event)).toEqual([false, 'blocked: this event was deleted by a moderator'])
  })

  test('keeps its moderation on record', async () => {
    const { id, admin, say } = await found(relay, wire)
    const [created] = await eventsOf(wire, { kinds: [9007], '#h': [id] })
    await wire.publish(admin.sign({ kind: 5, tags: [['e', created?.id ?? '']] }))
    await say(admin, groupKind.deleteEvent, ['e', created?.id ?? ''])
    expect(await eventsOf(wire, { kinds: [9007], '#h': [id] })).toEqual([created])
  })

  test('that is deleted is gone with all that was written there, and its name is not given again', async () => {
    const { id, admin, member, outsider, say, write } = await found(relay, wire)
    const posts = Array.from({ length: 120 }, () => write(member, 9))
    for (const post of posts) wire.say('EVENT', post)
    await wire.publish(write(member, 9))
    expect(await say(admin, groupKind.deleteGroup)).toEqual([true, ''])
    expect(await eventsOf(wire, { '#h': [id] })).toEqual([])
    expect(await eventsOf(wire, { '#d': [id] })).toEqual([])
    expect(await say(member, 9)).toEqual([false, 'invalid: no such group'])
    expect((await say(outsider, groupKind.createGroup))[0]).toBe(false)
    expect((await relay.store.arrivals(0, 10_000)).filter(({ json }) => json.includes(`"${id}"`))).toEqual([])
  })
})

describe('who may write', () => {
  const rows: { group: string; flags: string[]; may: string[]; no: string }[] = [
    { group: 'an open one', flags: [], may: ['member', 'outsider'], no: '' },
    { group: 'a private one', flags: ['private'], may: ['member', 'outsider'], no: '' },
    {
      group: 'a restricted one',
      flags: ['restricted'],
      may: ['member'],
      no: 'restricted: only members write to this group',
    },
    { group: 'a closed one', flags: ['closed'], may: ['member'], no: 'restricted: only members write to this group' },
    { group: 'a hidden one', flags: ['hidden'], may: ['member'], no: 'invalid: no such group' },
  ]
  test.each(rows)('to $group', async ({ flags, may, no }) => {
    const group = await found(relay, wire, ...flags.map((flag) => [flag]))
    for (const name of ['member', 'outsider'] as const)
      expect(await group.say(group[name], 9)).toEqual(may.includes(name) ? [true, ''] : [false, no])
    expect((await group.say(group.outsider, 20_001))[0]).toBe(may.includes('outsider'))
  })

  const refusals: {
    says: string
    tags?: (group: Founded) => string[][]
    at?: number
    kind?: number
    reason: string
  }[] = [
    { says: 'to no group there is', tags: () => [['h', 'nowhere']], reason: 'invalid: no such group' },
    {
      says: 'to two groups at once',
      tags: ({ id }) => [
        ['h', id],
        ['h', id],
      ],
      reason: 'invalid: an event belongs to one group: exactly one "h" tag',
    },
    { says: 'what is of another day', at: -86_401, reason: 'invalid: created_at too early for a group' },
    { says: 'a kind the group does not take', kind: 11, reason: 'blocked: the group does not take kind 11' },
    {
      says: 'what was written elsewhere',
      tags: ({ id }) => [
        ['h', id],
        ['previous', '00000000', '11111111'],
      ],
      reason: 'invalid: "previous" names nothing this group has seen lately',
    },
    {
      says: 'references that are none',
      tags: ({ id }) => [
        ['h', id],
        ['previous', 'xyz'],
      ],
      reason: 'invalid: "previous" has the first 8 characters of ids',
    },
  ]
  test.each(refusals)(
    'nobody writes $says',
    async ({ tags = ({ id }: Founded) => [['h', id]], at = 0, kind = 9, reason }) => {
      const group = await found(relay, wire, ['supported_kinds', '9'])
      const event = group.member.sign({ kind, created_at: relay.clock.now() + at, tags: tags(group) })
      expect(await wire.publish(event)).toEqual([false, reason])
    },
  )

  test('references to what the group has seen are fine, one is enough, and they follow what comes', async () => {
    const { member, say, write } = await found(relay, wire)
    const first = write(member, 9)
    await wire.publish(first)
    expect(await say(member, 9, ['previous', first.id.slice(0, 8), '00000000'])).toEqual([true, ''])
    const second = write(member, 9)
    await wire.publish(second)
    expect(await say(member, 9, ['previous', second.id.slice(0, 8)])).toEqual([true, ''])
  })

  test('only the relay tells what a group is', async () => {
    const { id, admin } = await found(relay, wire)
    for (const kind of [39_000, 39_001, 39_002, 39_003, 39_005, 39_009]) {
      const [accepted, reason] = await wire.publish(admin.sign({ kind, tags: [['d', id]] }))
      expect([accepted, reason]).toEqual([false, `restricted: kind ${kind} is written by the relay itself`])
    }
  })
})

describe('limits', () => {
  test('of groups hold for a key, not for whoever runs the relay', async () => {
    const [one, create] = [relay.person(), (id: string) => ({ kind: 9007, tags: [['h', id]] })]
    const answers = [await wire.publish(one.sign(create('one-1'))), await wire.publish(one.sign(create('one-2')))]
    expect(answers.map(([accepted]) => accepted)).toEqual([true, true])
    expect(await wire.publish(one.sign(create('one-3')))).toEqual([false, 'rate-limited: one key has 2 groups at most'])
    for (const id of ['op-1', 'op-2', 'op-3'])
      expect((await wire.publish(relay.operator.sign(create(id))))[0]).toBe(true)
    await wire.publish(one.sign({ kind: 9008, tags: [['h', 'one-1']] }))
    expect((await wire.publish(one.sign(create('one-3'))))[0]).toBe(true)
  })

  test('of members hold for a group', async () => {
    const { admin, outsider, say } = await found(relay, wire)
    const more = ['1', '2', '3'].map((key) => ['p', key.repeat(64)])
    expect(await say(admin, groupKind.putUser, ...more)).toEqual([false, 'invalid: the group is full'])
    await say(admin, groupKind.putUser, ...more.slice(1))
    expect(await say(outsider, groupKind.join)).toEqual([false, 'invalid: the group is full'])
  })

  test('groups may be for admins to create', async () => {
    const other = await serveRelay({ env: { RELAY_GROUP_CREATORS: 'admins' } })
    const client = await other.client()
    const create = { kind: 9007, tags: [['h', 'x']] }
    expect((await client.publish(other.person().sign(create)))[0]).toBe(false)
    expect((await client.publish(other.operator.sign(create)))[0]).toBe(true)
    await other.close()
  })
})

test('a group is not created in the middle of another', async () => {
  const { id } = await found(relay, wire)
  const tags = [
    ['h', `${id}-new`],
    ['h', id],
  ]
  expect((await wire.publish(relay.person().sign({ kind: groupKind.createGroup, tags })))[0]).toBe(false)
})

test("nobody speaks with the relay's key but the relay", async () => {
  const self = person()
  const other = await serveRelay({ self })
  const client = await other.client()
  await found(other, client)
  const [accepted] = await client.publish(
    self.sign({
      kind: 9000,
      tags: [
        ['h', 'group-1'],
        ['p', self.pubkey, 'admin'],
      ],
    }),
  )
  expect(accepted).toBe(false)
  await other.close()
})

test('NIP-11 names groups, with their parts', async () => {
  const info = await (await fetch(relay.http, { headers: { accept: 'application/nostr+json' } })).json()
  expect(info).toMatchObject({
    self: relay.self,
    supported_nips: expect.arrayContaining([29]),
    nip29: { subgroups: true },
  })
})
