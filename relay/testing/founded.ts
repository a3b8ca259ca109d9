import type { NostrEvent } from '#nips/keys'
import { groupKind } from '#nips/nip29'
import type { Person } from './events.ts'
import type { TestRelay } from './served.ts'
import type { Client } from './wire.ts'

/** A group on a served relay, with one person of each sort. */
export type Founded = {
  readonly id: string
  readonly admin: Person
  readonly moderator: Person
  readonly member: Person
  readonly outsider: Person
  /** An event to this group, of a content that no other has. */
  write(by: Person, kind: number, ...tags: string[][]): NostrEvent
  /** Publishes one, and gives what OK said. */
  say(by: Person, kind: number, ...tags: string[][]): Promise<[accepted: boolean, reason: string]>
  /** What the relay says about the group under one of its kinds, without `d`; asked by whoever is at the other end. */
  state(kind: number, client?: Client): Promise<string[][] | undefined>
}

let serial = 0

/** Founds one; `tags` are its metadata. Events go by `wire`, which nobody has to have signed in on. */
export async function found(relay: TestRelay, wire: Client, ...tags: string[][]): Promise<Founded> {
  serial += 1
  const id = `group-${serial}`
  const [admin, moderator, member, outsider] = [relay.person(), relay.person(), relay.person(), relay.person()]
  const write: Founded['write'] = (by, kind, ...more) => {
    serial += 1
    return by.sign({ kind, tags: [['h', id], ...more], content: String(serial) })
  }
  const say: Founded['say'] = (by, kind, ...more) => wire.publish(write(by, kind, ...more))
  const answers = [
    await say(admin, groupKind.createGroup, ...tags),
    await say(admin, groupKind.putUser, ['p', moderator.pubkey, 'moderator'], ['p', member.pubkey]),
  ]
  if (answers.some(([accepted]) => !accepted)) throw new Error(JSON.stringify(answers))
  return {
    id,
    admin,
    moderator,
    member,
    outsider,
    write,
    say,
    async state(kind, client = wire) {
      const [event] = await eventsOf(client, { kinds: [kind], '#d': [id] })
      return event?.tags.slice(1)
    },
  }
}

/** The stored events that answer a filter. */
export async function eventsOf(client: Client, filter: object): Promise<NostrEvent[]> {
  const from = client.heard.length
  await client.ask('events', filter)
  client.say('CLOSE', 'events')
  return client.heard
    .slice(from)
    .flatMap(([verb, name, event]) => (verb === 'EVENT' && name === 'events' ? [event as NostrEvent] : []))
}
