import { tag } from '#nips/event'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { parseJson } from '#nips/kit/bytes'
import type { PostView, ProfileView } from '../model.ts'
import { npubOf } from './key-text.ts'

type Tagged = Pick<NostrEvent, 'tags' | 'kind'>

/** Reads whom a post answers: NIP-10 for notes, NIP-22 for comments. */
export function placeOf(event: Tagged): { root?: string; parent?: string } {
  if (event.kind === kind.comment) {
    const [root, parent] = [tag(event, 'E'), tag(event, 'e')]
    return { ...(root === undefined ? {} : { root }), ...(parent === undefined ? {} : { parent }) }
  }
  const links = event.tags.filter(([name, , , marker]) => name === 'e' && marker !== 'mention')
  const marked = (marker: string) => links.find((entry) => entry[3] === marker)?.[1]
  // Before markers, the first `e` was the root and the last one the parent.
  const root = marked('root') ?? links[0]?.[1]
  const parent = marked('reply') ?? marked('root') ?? links.at(-1)?.[1]
  return root === undefined || parent === undefined ? {} : { root, parent }
}

export const postOf = (event: NostrEvent): PostView => ({
  id: event.id,
  kind: event.kind,
  pubkey: event.pubkey,
  at: event.created_at,
  text: event.content,
  ...placeOf(event),
})

/** A new post, or an answer: a note is answered by a note (NIP-10), a comment by a comment (NIP-22). */
export function encodePost(text: string, parent: NostrEvent | undefined, now: number): EventTemplate {
  if (parent === undefined) return { kind: kind.note, created_at: now, tags: [], content: text }
  return parent.kind === kind.comment
    ? { kind: kind.comment, created_at: now, tags: commentTags(parent), content: text }
    : { kind: kind.note, created_at: now, tags: replyTags(parent), content: text }
}

function replyTags(parent: NostrEvent): string[][] {
  const { root } = placeOf(parent)
  const people = new Set([parent.pubkey, ...parent.tags.filter(([name]) => name === 'p').map(([, key = '']) => key)])
  const people_ = [...people].filter((key) => key !== '').map((key) => ['p', key])
  if (root === undefined) return [['e', parent.id, '', 'root', parent.pubkey], ...people_]
  return [['e', root, '', 'root'], ['e', parent.id, '', 'reply', parent.pubkey], ...people_]
}

function commentTags(parent: NostrEvent): string[][] {
  const roots = parent.tags.filter(([name = '']) => ['A', 'E', 'I', 'K', 'P'].includes(name))
  return [...roots, ['e', parent.id, '', parent.pubkey], ['k', String(parent.kind)], ['p', parent.pubkey]]
}

/** NIP-01 and NIP-24: a name without what could disguise it, and whether it says it is a program. */
export function profileOf({ pubkey, content }: Pick<NostrEvent, 'pubkey' | 'content'>): ProfileView {
  const nobody = { npub: npubOf(pubkey), agent: false }
  const said = parseJson(content)
  if (typeof said !== 'object' || said === null) return nobody
  const { name, display_name, bot } = said as Record<string, unknown>
  const shown = [display_name, name].find((word) => typeof word === 'string' && cleanName(word) !== '')
  return { ...nobody, agent: bot === true, ...(typeof shown === 'string' ? { name: cleanName(shown) } : {}) }
}

/** Controls, bidi marks and runs of spaces out; at most 40 characters. */
export const cleanName = (name: string): string =>
  [
    ...name
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .trim(),
  ]
    .slice(0, 40)
    .join('')
