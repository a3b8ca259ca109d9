import { SignedEvent } from '#nips/event'
import { type EventTemplate, eventId, generateSecretKey, type NostrEvent, publicKeyOf, signEvent } from '#nips/keys'
import { type Entry, toJson } from '../store/store.ts'

/** A person in a test: a fresh key and a pen. */
export type Person = { readonly pubkey: string; sign(template: Partial<EventTemplate>): NostrEvent }

/** The moment tests happen at, in seconds, where no real client is asked. */
export const NOW = 1_800_000_000

export function person(now: () => number = () => NOW): Person {
  const secretKey = generateSecretKey()
  return {
    pubkey: publicKeyOf(secretKey),
    sign: (template) => signEvent({ kind: 1, created_at: now(), tags: [], content: '', ...template }, secretKey),
  }
}

/** An event with a true id and an empty signature, for tests below the door that checks signatures. */
export function unsigned(fields: Partial<EventTemplate> & { pubkey: string }): SignedEvent {
  const template = { kind: 1, created_at: NOW, tags: [], content: '', ...fields }
  return SignedEvent.open({ ...template, id: eventId(template), sig: '0'.repeat(128) }, () => true)
}

export const entry = (event: SignedEvent): Entry => ({ event, json: toJson(event) })
