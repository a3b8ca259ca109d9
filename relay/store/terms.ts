import { hash } from 'node:crypto'
import { tagValues } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import { isHex } from '#nips/kit/bytes'
import { addressOf } from './erasure.ts'

/** What events are looked up by: a sign that says which question it answers, and the value in full. */
export type Term = readonly [sign: string, value: string]

/** Every event. */
export const everything: Term = ['*', '']
/** Every event that expires; stands under the second it does, not under its date. */
export const expiring: Term = ['x', '']
export const idTerm = (id: string): Term => ['i', id]
export const authorTerm = (pubkey: string): Term => ['a', pubkey]
export const kindTerm = (number: number): Term => ['k', String(number)]
export const authorKindTerm = (pubkey: string, number: number): Term => [`b${number}`, pubkey]
/** The place that versions of a replaceable or addressable event share: `kind:pubkey:d`. */
export const placeTerm = (address: string): Term => ['r', address]
/** What a deletion (NIP-09) of this key names in an `e` or an `a` tag. */
export const deletionTerm = (name: 'e' | 'a', pubkey: string, value: string): Term => [`d${name}`, pubkey + value]
/** A one-letter tag and its value. */
export const tagTerm = (letter: string, value: string): Term => [`#${letter}`, value]

/** All terms of an event except `expiring`, each once, unless a tag says the same twice. */
export function termsOf(event: NostrEvent): Term[] {
  const { id, pubkey } = event
  const address = addressOf(event)
  const terms = [everything, idTerm(id), authorTerm(pubkey), kindTerm(event.kind), authorKindTerm(pubkey, event.kind)]
  if (address !== undefined) terms.push(placeTerm(address))
  for (const [name, value] of event.tags)
    if (value !== undefined && name !== undefined && isLetter(name)) terms.push(tagTerm(name, value))
  if (event.kind === kind.deletion) terms.push(...deletionTerms(event))
  return terms
}

/** NIP-01: the tags a filter can ask for have one letter. */
const isLetter = (name: string): boolean => name.length === 1 && /[A-Za-z]/.test(name)

const deletionTerms = (deletion: NostrEvent): Term[] =>
  (['e', 'a'] as const).flatMap((name) =>
    tagValues(deletion, name).map((value) => deletionTerm(name, deletion.pubkey, value)),
  )

/** First bytes in the index. Tags have their letter, and the letter plus `HASHED` where the value is text. */
const first = { everything: 0, id: 1, author: 2, kind: 3, authorKind: 4, place: 5, expiry: 6, deletion: 7 } as const
const HASHED = 0x80
/** Bytes behind the first one. */
const LENGTH = 15

/**
 * A term as it stands in the index. Equal bytes mean equal terms: ids and keys stand by their own bytes (nobody can
 * make two that share 104 bits), tag values that look like one by all 32 of them, every other text by 120 bits of
 * its SHA-256. So what terms answer needs no second look.
 */
export function bytesOf([sign, value]: Term): Uint8Array {
  switch (sign[0]) {
    case 'i':
      return ofHex([first.id], value, LENGTH)
    case 'a':
      return ofHex([first.author], value, LENGTH)
    case 'k':
      return Buffer.of(first.kind, ...twoBytes(value))
    case 'b':
      return ofHex([first.authorKind, ...twoBytes(sign.slice(1))], value, LENGTH - 2)
    case 'r':
      return ofText(first.place, value)
    case 'd':
      return ofText(first.deletion, sign + value)
    case '#':
      return ofTag(sign.charCodeAt(1), value)
    case 'x':
      return Buffer.of(first.expiry)
    default:
      return Buffer.of(first.everything)
  }
}

const twoBytes = (kind: string): [number, number] => [Number(kind) >> 8, Number(kind) & 0xff]

const ofTag = (code: number, value: string): Uint8Array =>
  isHex(value, 64) ? ofHex([code], value, 32) : ofText(code | HASHED, value)

function ofHex(head: readonly number[], hex: string, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(head.length + length)
  for (const [at, byte] of head.entries()) bytes[at] = byte
  bytes.write(hex.slice(0, 2 * length), head.length, 'hex')
  return bytes
}

const ofText = (head: number, text: string): Uint8Array =>
  Buffer.concat([Buffer.of(head), hash('sha256', text, 'buffer').subarray(0, LENGTH)])

/** Where an event stands among those of its second: the first 32 bits of its id, as a signed number of the same order. */
export const prefixOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16) - 0x8000_0000
