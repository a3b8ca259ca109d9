import type { NostrEvent } from '#nips/keys'
import type { Random } from '#relay/testing/random'
import { pen } from './pen.ts'

/** Somebody who writes all kinds of events: notes, versions of a profile and of articles, deletions of own notes. */
export type Author = { readonly pubkey: string; next(): NostrEvent }

export function author(random: Random, now: () => number): Author {
  const { pubkey, write } = pen(now)
  const notes: string[] = []
  let count = 0

  function deletion(): NostrEvent {
    const [target = ''] = notes.splice(random.whole(notes.length), 1)
    return write({ kind: 5, tags: [['e', target]] })
  }

  return {
    pubkey,
    next() {
      count += 1
      const kind = random.pick([1, 1, 1, 1, 1, 0, 10_002, 30_023, 5])
      if (kind === 5 && notes.length > 3) return deletion()
      const event = write({
        kind: kind === 5 ? 1 : kind,
        created_at: now() - random.whole(600),
        content: `${count} ${'lorem ipsum '.repeat(random.pick([0, 1, 20, 200]))}`,
        tags: [
          ['t', random.pick(['x', 'y', 'z'])],
          ['d', random.pick(['x', 'y'])],
          ['p', pubkey],
        ],
      })
      if (event.kind === 1) notes.push(event.id)
      return event
    },
  }
}
