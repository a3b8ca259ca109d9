import type { NostrEvent } from './keys.ts'
import { isPrivate } from './kinds.ts'

/** UTF-16 units of a query. */
export const SEARCH_LENGTH = 256
/** Words of a query that count. */
const SEARCH_WORDS = 8

/** The words of a text, one spelling for each: letters, digits and their accents, in lower case. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []

/**
 * NIP-50: the words a query asks for; `key:value` is an extension, and none is known here. Every one has to be found.
 * Reading them again from the words joined by spaces gives the same.
 */
export const searchWords = (query: string): string[] =>
  [
    ...new Set(
      query
        .split(/\s+/)
        .filter((part) => !/^[\w-]+:\S/.test(part))
        .flatMap(wordsOf),
    ),
  ].slice(0, SEARCH_WORDS)

/** The words of an event that several ask about one after the other are found once. */
const remembered = new WeakMap<object, ReadonlySet<string>>()

function wordsIn(event: { readonly content: string }): ReadonlySet<string> {
  const words = remembered.get(event) ?? new Set(wordsOf(event.content))
  remembered.set(event, words)
  return words
}

/** Whether an event has all the words of a query in its content. Private kinds are never found. */
export function isFound(query: string, event: Readonly<Pick<NostrEvent, 'kind' | 'content'>>): boolean {
  if (isPrivate(event.kind)) return false
  const words = wordsIn(event)
  return searchWords(query).every((word) => words.has(word))
}
