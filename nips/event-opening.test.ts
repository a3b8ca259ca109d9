import { describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { SignedEvent } from './event.ts'
import { type EventTemplate, serialise, signEvent } from './keys.ts'

const alice = author()
const template: EventTemplate = { kind: 1, created_at: 1_800_000_000, tags: [['t', 'x', 'y']], content: 'hello' }
const good = signEvent(template, alice.secretKey)
const other = signEvent({ ...template, content: 'something else' }, alice.secretKey)

describe('opening an event whose signature is checked elsewhere', () => {
  const holds = async (): Promise<boolean> => true

  test.each([
    {},
    { tags: [['t', 'a "quoted" word', '\\'], ['-'], ['e', 'x', '', 'ü 😀']] },
    { tags: [], content: 'line\nquote" back\\slash \u0001\u001f\u007f\u2028 ü 😀' },
    { created_at: Number.MAX_SAFE_INTEGER, kind: 0 },
    { created_at: 0, kind: 65_535 },
  ])('gives it with its text, whatever it says: %j', async (change) => {
    const signed = signEvent({ ...template, ...change }, alice.secretKey)
    const raw = JSON.stringify(Object.fromEntries(Object.entries(signed).toReversed()), null, 2)
    const { event, json } = await SignedEvent.opening(raw, holds)
    const { id, pubkey, created_at, kind, tags, content, sig } = signed
    expect(SignedEvent.is(event)).toBe(true)
    expect({ ...event }).toEqual(signed)
    expect(json).toBe(JSON.stringify({ id, pubkey, created_at, kind, tags, content, sig }))
  })

  test('hashes the text of NIP-01, and goes by what it is hashed to', async () => {
    const hashed: string[] = []
    const hash = (id: string) => (text: string) => {
      hashed.push(text)
      return id
    }
    await SignedEvent.opening(good, holds, hash(good.id))
    expect(hashed).toEqual([serialise(good)])
    const refusal = await refusalOf(() => SignedEvent.opening(good, holds, hash(other.id)))
    expect(refusal).toEqual({ code: 'invalid', message: 'bad event id' })
  })

  test('asks about the signature once, with what was hashed, and goes by the answer', async () => {
    const asked: unknown[] = []
    const denies = async (claim: unknown): Promise<boolean> => {
      asked.push(claim)
      return false
    }
    const refusal = await refusalOf(() => SignedEvent.opening(good, denies))
    expect(refusal).toEqual({ code: 'invalid', message: 'bad signature' })
    expect(asked).toEqual([good])
  })
})
