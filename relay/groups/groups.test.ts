import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { groupKind } from '#nips/nip29'
import type { Person } from '../testing/events.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import type { Client } from '../testing/wire.ts'

let relay: TestRelay
let wire: Client
let serial = 0
beforeAll(async () => {
  relay = await serveRelay({ env: { RELAY_GROUPS_PER_KEY: '3' } })
  wire = await relay.client()
})
afterAll(() => relay.close())

/** A group of its own with an admin, a moderator, a member and somebody from outside. */
async function found(...tags: string[][]) {
  serial += 1
  const id = `group-${serial}`
  const [admin, moderator, member, outsider] = [relay.person(), relay.person(), relay.person(), relay.person()]
  const say = (by: Person, kind: number, ...more: string[][]) =>
    wire.publish(by.sign({ kind, tags: [['h', id], ...more], content: String(serial++) }))
  const state = async (kind: number, by: Client = wire): Promise<string[][] | undefined> => {
    const from = by.heard.length
    await by.ask('state', { kinds: [kind], '#d': [id] })
    const event = by.heard.slice(from).find(([verb, name]) => verb === 'EVENT' && name === 'state')?.[2]
    return (event as NostrEvent | undefined)?.tags.slice(1)
  }
  expect(await say(admin, groupKind.createGroup)).toEqual([true, ''])
  expect(await say(admin, groupKind.putUser, ['p', moderator.pubkey, 'moderator'], ['p', member.pubkey])).toEqual([
    true,
    '',
  ])
  if (tags.length > 0) expect(await say(admin, groupKind.editMetadata, ...tags)).toEqual([true, ''])
  return { id, admin, moderator, member, outsider, say, state }
}
describe('a group', () => {
  test('is told by the relay as its moderation makes it', async () => {
    const { admin, moderator, member, outsider, say, state } = await found(['name', 'Pizza'], ['about', 'round'])
    expect(await state(groupKind.metadata)).toEqual([
      ['name', 'Pizza'],
      ['about', 'round'],
    ])
    expect(await state(groupKind.admins)).toEqual([
      ['p', admin.pubkey, 'admin'],
      ['p', moderator.pubkey, 'moderator'],
    ])
    expect(await state(groupKind.members)).toEqual([admin, moderator, member].map(({ pubkey }) => ['p', pubkey]))
    expect((await state(groupKind.roles))?.map(([, role]) => role)).toEqual(['admin', 'moderator'])
    expect(await state(groupKind.pins)).toBeUndefined()
    await say(moderator, groupKind.removeUser, ['p', member.pubkey])
    await say(moderator, groupKind.putUser, ['p', outsider.pubkey])
    expect(await state(groupKind.members)).toEqual([admin, moderator, outsider].map(({ pubkey }) => ['p', pubkey]))
  })
})
