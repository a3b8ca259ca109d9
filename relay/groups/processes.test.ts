import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { groupKind } from '#nips/nip29'
import { openSqliteStore } from '../store/sqlite.ts'
import { person } from '../testing/events.ts'
import { eventsOf, found } from '../testing/founded.ts'
import { manage } from '../testing/managed.ts'
import { serveRelay, type TestRelay } from '../testing/served.ts'

const self = person()
let folder: string
let relays: TestRelay[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groups-'))
  relays = []
})
afterEach(async () => {
  for (const relay of relays) await relay.close()
  rmSync(folder, { recursive: true })
})

async function start(): Promise<TestRelay> {
  const relay = await serveRelay({ self, store: openSqliteStore(join(folder, 'relay.db')) })
  relays.push(relay)
  return relay
}

async function stop(relay: TestRelay): Promise<void> {
  relays = relays.filter((other) => other !== relay)
  await relay.close()
}

describe('a relay that starts again', () => {
  test('has its groups as they were, and says nothing twice', async () => {
    const first = await start()
    const group = await found(first, await first.client(), ['private'], ['closed'], ['name', 'Ours'])
    await group.say(group.moderator, groupKind.createInvite, ['code', 'sesame', '1'])
    await group.say(group.outsider, groupKind.join, ['code', 'sesame'])
    const post = group.write(group.member, 9)
    const taken = group.write(group.member, 9)
    const client = await first.client(group.outsider)
    for (const event of [post, taken]) await client.publish(event)
    await group.say(group.moderator, groupKind.deleteEvent, ['e', taken.id])
    const newest = first.store.newest()
    await stop(first)

    const second = await start()
    expect(second.store.newest()).toBe(newest)
    const [stranger, outsider] = [await second.client(), await second.client(group.outsider)]
    expect((await outsider.ask('posts', { kinds: [9] })).ids).toEqual([post.id])
    expect((await stranger.ask('posts', { kinds: [9] })).ids).toEqual([])
    expect((await stranger.publish(taken))[0]).toBe(false)
    const guest = second.person().sign({
      kind: groupKind.join,
      tags: [
        ['h', group.id],
        ['code', 'sesame'],
      ],
    })
    expect(await stranger.publish(guest)).toEqual([false, 'restricted: this invite is not good, or not any more'])
  })

  test('has what its admins ruled', async () => {
    const first = await start()
    const banned = first.person()
    await manage(first, 'banpubkey', banned.pubkey, 'spam')
    await manage(first, 'changerelayname', 'Ours')
    await stop(first)
    const second = await start()
    expect((await (await second.client()).publish(banned.sign({})))[0]).toBe(false)
    const info = await (await fetch(second.http, { headers: { accept: 'application/nostr+json' } })).json()
    expect(info).toMatchObject({ name: 'Ours' })
  })
})

describe('two relays over one file, while the next one takes over', () => {
  test('know the same groups, and only one of them speaks', async () => {
    const [first, second] = [await start(), await start()]
    const wire = await first.client()
    const group = await found(first, wire, ['private'])
    await group.say(group.outsider, groupKind.join)
    await group.say(group.outsider, 9)
    second.clock.advance(0)
    const other = await second.client(group.outsider)
    await expect
      .poll(async () => {
        second.clock.advance(0)
        return (await eventsOf(other, { kinds: [9] })).length
      })
      .toBe(1)
    second.clock.advance(0)
    const said = await eventsOf(other, { authors: [self.pubkey] })
    expect(said.map(({ kind }) => kind).sort((a, b) => a - b)).toEqual([9000, 39_000, 39_001, 39_002, 39_003])
    expect((await eventsOf(await second.client(), { kinds: [9] })).length).toBe(0)
  })

  test('the one that is left says what the other could not', async () => {
    const [first, second] = [await start(), await start()]
    const group = await found(first, await first.client())
    await stop(first)
    const client = await second.client()
    await expect
      .poll(async () => {
        second.clock.advance(0)
        return group.state(groupKind.members, client)
      })
      .toHaveLength(3)
    expect(await client.publish(group.write(group.outsider, groupKind.join))).toEqual([true, ''])
    expect(await group.state(groupKind.members, client)).toHaveLength(4)
  })
})
