import { hash } from 'node:crypto'
import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'
import { addressOf } from './erasure.ts'

/**
 * What events are looked up by. The first byte says which question it answers, the rest which value. Equal bytes mean
 * equal values: ids and keys stand by their own bytes (nobody can make two that share 104 bits), tag values that look
 * like one by all 32 of them, every other text by 120 bits of its SHA-256. So what terms answer needs no second look.
 */
export type Term = Uint8Array

/** First bytes. Tags have their letter, and the letter plus `HASHED` where the value is text. */
const dimension = { everything: 0, id: 1, author: 2, kind: 3, authorKind: 4, place: 5, expiry: 6, deletion: 7 } as const
const HASHED = 0x80
/** Bytes behind the first one. */
const LENGTH = 15

/** Every event. */
export const everything: Term = Buffer.of(dimension.everything)
/** Every event that expires; stands under the second it does, not under its date. */
export const expiring: Term = Buffer.of(dimension.expiry)
export const idTerm = (id: string): Term => ofHex([dimension.id], id, LENGTH)
export const authorTerm = (pubkey: string): Term => ofHex([dimension.author], pubkey, LENGTH)
export const kindTerm = (number: number): Term => Buffer.of(dimension.kind, number >> 8, number & 0xff)
export const authorKindTerm = (pubkey: string, number: number): Term =>
  ofHex([dimension.authorKind, number >> 8, number & 0xff], pubkey, LENGTH - 2)
/** The place that versions of a replaceable or addressable event share: `kind:pubkey:d`. */
export const placeTerm = (address: string): Term => ofText([dimension.place], address)
/** What a deletion (NIP-09) of this key names in an `e` or an `a` tag. */
export const deletionTerm = (name: 'e' | 'a', pubkey: string, value: string): Term =>
  ofText([dimension.deletion], `${name} ${pubkey} ${value}`)

/** A one-letter tag and its value. */
export function tagTerm(letter: string, value: string): Term {
  const code = letter.charCodeAt(0)
  return isHex(value, 64) ? ofHex([code], value, 32) : ofText([code | HASHED], value)
}

function ofHex(head: readonly number[], hex: string, length: number): Term {
  const term = Buffer.allocUnsafe(head.length + length)
  for (const [at, byte] of head.entries()) term[at] = byte
  term.write(hex, head.length, length, 'hex')
  return term
}

function ofText(head: readonly number[], text: string): Term {
  return Buffer.concat([Buffer.from(head), hash('sha256', text, 'buffer').subarray(0, LENGTH)])
}

/** All terms of an event except `expiring`, each once. */
export function termsOf(event: NostrEvent): Term[] {
  const { id, pubkey } = event
  const address = addressOf(event)
  return [
    everything,
    idTerm(id),
    authorTerm(pubkey),
    kindTerm(event.kind),
    authorKindTerm(pubkey, event.kind),
    ...(address === undefined ? [] : [placeTerm(address)]),
    ...tagTerms(event.tags),
    ...(event.kind === kind.deletion ? deletionTerms(event) : []),
  ]
}

/** NIP-01: the tags a filter can ask for have one letter; each name and value counts once. */
function tagTerms(tags: readonly string[][]): Term[] {
  const seen = new Set<string>()
  const terms: Term[] = []
  for (const [name, value] of tags) {
    if (value === undefined || name === undefined || !isLetter(name) || seen.has(name + value)) continue
    seen.add(name + value)
    terms.push(tagTerm(name, value))
  }
  return terms
}

const isLetter = (name: string): boolean => name.length === 1 && /[A-Za-z]/.test(name)

const deletionTerms = (deletion: NostrEvent): Term[] =>
  (['e', 'a'] as const).flatMap((name) =>
    [...new Set(tagValues(deletion, name))].map((value) => deletionTerm(name, deletion.pubkey, value)),
  )

/** Where an event stands among those of its second: the first 32 bits of its id, as a signed number of the same order. */
export const prefixOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16) - 0x8000_0000
