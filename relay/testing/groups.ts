import type { NostrEvent } from '#nips/keys'
import { groupKind } from '#nips/nip29'
import { type Book, createBook, type Group } from '../groups/group.ts'
import { advance } from '../groups/record.ts'
import { unsigned } from './events.ts'

/** A public key that is easy to tell. */
export const key = (digit: string): string => digit.repeat(64)
/** The relay, and people by what they are in the group. */
export const [self, admin, second, moderator, member, outsider] = ['0', 'a', 'b', 'c', 'd', 'e'].map(key) as [
  string,
  string,
  string,
  string,
  string,
  string,
]

/** One action: whose, what, with which tags. */
export type Step = [by: string, kind: number, ...tags: string[][]]

export const eventOf = ([pubkey, kind, ...tags]: Step, id = 'pizza'): NostrEvent =>
  unsigned({ pubkey, kind, tags: [['h', id], ...tags] })

/** A group with one of each, and then some. */
export function bookAfter(...steps: Step[]): Book {
  const book = createBook(self)
  const start: Step[] = [
    [admin, groupKind.createGroup],
    [admin, groupKind.putUser, ['p', moderator, 'moderator'], ['p', member]],
  ]
  for (const step of [...start, ...steps]) advance(book, eventOf(step))
  return book
}
export const groupAfter = (...steps: Step[]): Group => bookAfter(...steps).groups.get('pizza') as Group
