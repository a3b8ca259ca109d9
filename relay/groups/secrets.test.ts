import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { groupKind } from '#nips/nip29'
import { eventsOf, type Founded, found } from '../testing/founded.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import { type Client, is } from '../testing/wire.ts'

let relay: TestRelay
let wire: Client
beforeAll(async () => {
  relay = await serveRelay({ verify: () => true })
  wire = await relay.client()
})
afterAll(() => relay.close())

/** Every way to ask for a post. */
const doors: Record<string, (post: NostrEvent) => object> = {
  words: () => ({ search: 'treasure' }),
  everything: () => ({}),
  kinds: ({ kind }) => ({ kinds: [kind] }),
  ids: ({ id }) => ({ ids: [id] }),
  authors: ({ pubkey }) => ({ authors: [pubkey] }),
  'a tag': () => ({ '#t': ['secret'] }),
  'the group': ({ tags }) => ({ '#h': [tags[0]?.[1]] }),
  'the group and another': ({ tags }) => ({ '#h': [tags[0]?.[1], 'nowhere'] }),
}

type Flag = 'private' | 'hidden'

/** A group of that sort with a post in it, and who may ask for it. */
async function gather(flag: Flag) {
  const group = await found(relay, wire, [flag], ['restricted'], ['name', 'Ours'])
  const clients = {
    member: await relay.client(group.member),
    outsider: await relay.client(group.outsider),
    stranger: await relay.client(),
  }
  const tags = [
    ['h', group.id],
    ['t', 'secret'],
  ]
  const post = group.member.sign({ kind: 9, content: `the treasure ${group.id}`, tags })
  await wire.publish(post)
  return { group, clients, post }
}

describe.each<Flag>(['private', 'hidden'])('what is written to a %s group, by every door,', (flag) => {
  let group: Founded
  let post: NostrEvent
  let clients: Record<'member' | 'outsider' | 'stranger', Client>
  beforeAll(async () => {
    ;({ group, post, clients } = await gather(flag))
  })

  /** How a stranger's and an outsider's request ends that names nothing but the group. */
  const endOf = (name: string, door: string): RegExp => {
    if (name === 'member' || door !== 'the group' || flag !== 'private') return /^$/
    return name === 'stranger' ? /^auth-required:/ : /^restricted:/
  }

  test.each(Object.keys(doors))('is read by members and nobody else: %s', async (door) => {
    for (const [name, client] of Object.entries(clients)) {
      const { ids, end } = await client.ask('stored', doors[door]?.(post) ?? {})
      expect(ids.includes(post.id)).toBe(name === 'member')
      expect(String(end[2] ?? '')).toMatch(endOf(name, door))
    }
  })

  test.each(Object.keys(doors))('is counted and compared for members and nobody else: %s', async (door) => {
    const filter = { ...doors[door]?.(post), since: post.created_at, authors: [post.pubkey] }
    for (const [name, client] of Object.entries(clients)) {
      client.say('COUNT', 'count', filter)
      const [verb, , answer] = await client.next((said) => ['COUNT', 'CLOSED'].includes(said[0]) && said[1] === 'count')
      if (verb === 'COUNT') expect((answer as { count: number }).count > 0).toBe(name === 'member')
      else expect(name).not.toBe('member')
      client.say('NEG-OPEN', 'sync', filter, '6100000200')
      const told = await client.next((said) => ['NEG-MSG', 'NEG-ERR'].includes(said[0]))
      expect(String(told[2]).includes(post.id.slice(0, 16))).toBe(name === 'member')
      client.say('NEG-CLOSE', 'sync')
    }
  })

  test.each(Object.keys(doors).filter((door) => door !== 'the group'))(
    'goes out live to members only: %s',
    async (door) => {
      const late = group.member.sign({
        kind: 9,
        content: `treasure ${door}`,
        tags: [
          ['h', group.id],
          ['t', 'secret'],
        ],
      })
      for (const client of Object.values(clients)) await client.ask('live', doors[door]?.(late) ?? {})
      await wire.publish(late)
      const passing = group.member.sign({
        kind: 20_009,
        content: `treasure ${door}`,
        tags: [
          ['h', group.id],
          ['t', 'secret'],
        ],
      })
      await wire.publish(passing)
      for (const [name, client] of Object.entries(clients))
        expect((await client.got('live')).includes(late.id)).toBe(name === 'member')
      const got = await Promise.all(
        Object.values(clients).map(async (client) => (await client.got('live')).includes(passing.id)),
      )
      expect(got.slice(1)).toEqual([false, false])
    },
  )
})

describe.each<Flag>(['private', 'hidden'])('a %s group', (flag) => {
  test('follows membership while a subscription is open', async () => {
    const { group, clients: client } = await gather(flag)
    const { outsider } = group
    await client.outsider.ask('live', { kinds: [9] })
    const posts = [group.write(group.member, 9), group.write(group.member, 9), group.write(group.member, 9)] as const
    await wire.publish(posts[0])
    await group.say(group.admin, groupKind.putUser, ['p', outsider.pubkey])
    await wire.publish(posts[1])
    await group.say(group.admin, groupKind.removeUser, ['p', outsider.pubkey])
    await wire.publish(posts[2])
    const got = await client.outsider.got('live')
    expect(posts.map(({ id }) => got.includes(id))).toEqual([false, true, false])
  })

  test('is not told by a duplicate, nor by a deletion', async () => {
    const { group, clients, post } = await gather(flag)
    expect((await clients.outsider.publish(post))[1]).not.toMatch(/duplicate/)
    await wire.publish(
      group.member.sign({
        kind: 5,
        tags: [
          ['e', post.id],
          ['h', group.id],
        ],
      }),
    )
    expect((await clients.member.ask('left', { ids: [post.id] })).ids).toEqual([])
    expect((await eventsOf(clients.outsider, { kinds: [5], authors: [post.pubkey] })).length).toBe(0)
  })

  test('is gone for its members as well when the group is deleted', async () => {
    const { group, clients, post } = await gather(flag)
    await clients.member.ask('live', { '#h': [group.id], limit: 0 })
    await group.say(group.admin, groupKind.deleteGroup)
    expect(await clients.member.got('live')).toHaveLength(1)
    for (const client of Object.values(clients)) {
      expect(await eventsOf(client, { '#h': [group.id] })).toEqual([])
      expect((await client.ask('left', { ids: [post.id] })).ids).toEqual([])
    }
  })

  test.each([
    { kind: groupKind.metadata, told: ['private'] },
    { kind: groupKind.admins, told: ['private'] },
    { kind: groupKind.roles, told: ['private'] },
    { kind: groupKind.members, told: [] as string[] },
    { kind: groupKind.pins, told: [] as string[] },
  ])('and its state $kind', async ({ kind, told }) => {
    const { group, clients, post } = await gather(flag)
    await group.say(group.admin, groupKind.updatePins, ['e', post.id])
    for (const [name, client] of Object.entries(clients))
      expect((await group.state(kind, client)) !== undefined).toBe(name === 'member' || told.includes(flag))
  })

  test('tells a key whether it belongs', async () => {
    const { group, clients } = await gather(flag)
    await group.say(group.admin, groupKind.putUser, ['p', group.outsider.pubkey])
    await group.say(group.admin, groupKind.removeUser, ['p', group.outsider.pubkey])
    const filter = { kinds: [9000, 9001], '#p': [group.outsider.pubkey] }
    expect((await eventsOf(clients.outsider, filter)).map(({ kind }) => kind).sort()).toEqual([9000, 9001])
    expect(await eventsOf(clients.stranger, filter)).toEqual([])
  })
})

describe('a code', () => {
  test('is read by whoever wrote it, and by nobody else', async () => {
    const group = await found(relay, wire, ['closed'])
    const [admin, member, stranger] = [
      await relay.client(group.admin),
      await relay.client(group.member),
      await relay.client(),
    ]
    for (const client of [admin, member, stranger]) await client.ask('live', { '#h': [group.id], limit: 0 })
    const invite = group.write(group.admin, groupKind.createInvite, ['code', 'sesame'])
    const join = group.write(group.outsider, groupKind.join, ['code', 'sesame'])
    for (const event of [invite, join]) expect(await wire.publish(event)).toEqual([true, ''])
    for (const client of [admin, member, stranger]) {
      const ids = [...(await client.got('live')), ...(await client.ask('stored', { ids: [invite.id, join.id] })).ids]
      expect([ids.includes(invite.id), ids.includes(join.id)]).toEqual([client === admin, false])
    }
    expect(await group.state(groupKind.members)).toContainEqual(['p', group.outsider.pubkey])
  })

  test('opens a hidden group to its guest', async () => {
    const group = await found(relay, wire, ['hidden'], ['closed'])
    await group.say(group.admin, groupKind.createInvite, ['code', 'sesame', '1'])
    expect(await group.say(group.outsider, groupKind.join, ['code', 'wrong'])).toEqual([
      false,
      'invalid: no such group',
    ])
    expect(await group.say(group.outsider, groupKind.join, ['code', 'sesame'])).toEqual([true, ''])
    expect(await group.say(relay.person(), groupKind.join, ['code', 'sesame'])).toEqual([
      false,
      'invalid: no such group',
    ])
    const inside = await relay.client(group.outsider)
    expect(await group.state(groupKind.metadata, inside)).toBeDefined()
  })
})

test('who signs in on an open connection sees their groups from then on', async () => {
  const group = await found(relay, wire, ['private'])
  const client = await relay.client()
  expect((await client.ask('early', { '#h': [group.id] })).end[0]).toBe('CLOSED')
  expect(client.heard.filter(is('AUTH')).length).toBeGreaterThan(1)
  await client.signIn(group.member)
  const post = group.write(group.member, 9)
  await wire.publish(post)
  expect((await client.ask('late', { '#h': [group.id] })).ids).toContain(post.id)
})
