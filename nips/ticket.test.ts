import { describe, expect, test } from 'vitest'
import { author } from '#tests/support/author'
import { SignedEvent } from './event.ts'
import { brokerLine, feedLine, ticketShape } from './ticket.ts'

const alice = author()
const request = alice.sign({ kind: 5785, content: 'x', tags: [['p', alice.pubkey]] })
const onWire = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('a ticket', () => {
  test.each([
    { says: 'a request alone', ticket: { request } },
    { says: 'a sealed request with what was in it', ticket: { request, params: [['param', 'slug', 'x'], []] } },
    { says: 'a request with the decision about it', ticket: { request, approval: request, decision: request } },
  ])('of $says arrives with every signed member, so that it can be opened again', ({ ticket }) => {
    const parsed = ticketShape.parse(onWire(ticket))
    expect(parsed).toEqual(onWire(ticket))
    expect(SignedEvent.open(parsed.request).id).toBe(request.id)
  })

  test.each([
    { says: 'no request', ticket: {} },
    { says: 'a request that is text', ticket: { request: JSON.stringify(request) } },
    { says: 'a request without an author', ticket: { request: { ...request, pubkey: undefined } } },
    { says: 'parameters that are no tags', ticket: { request, params: ['slug'] } },
    { says: 'parameters that are no text', ticket: { request, params: [[5]] } },
    { says: 'a decision that is a word', ticket: { request, decision: 'approve' } },
    { says: 'a member nobody knows', ticket: { request, owner: 'me' } },
  ])('with $says is refused', ({ ticket }) => {
    expect(ticketShape.safeParse(onWire(ticket)).success).toBe(false)
  })
})

describe('a line of the broker', () => {
  test.each([
    { type: 'snapshot', text: '' },
    { type: 'delta', text: 'a' },
    { type: 'phase', phase: 'starting' },
    { type: 'step', phase: 'installing', progress: 0 },
    { type: 'step', phase: 'installing', progress: 1 },
    { type: 'beat' },
    { type: 'result', output: { text: 'a', deep: [{ n: null }] } },
    { type: 'fault', code: 'model-empty', message: 'x', text: 'so far' },
  ])('%j is read', (line) => {
    expect(brokerLine.parse(onWire(line))).toEqual(line)
  })

  test.each([
    { type: 'other' },
    {},
    { type: 'delta' },
    { type: 'step', phase: 'x', progress: 1.1 },
    { type: 'step', phase: 'x', progress: -0.1 },
    { type: 'step', phase: 'x', progress: '0.5' },
    { type: 'result', output: 'text' },
    { type: 'result', output: ['text'] },
    { type: 'fault', code: 'x', message: 'x' },
  ])('%j is refused', (line) => {
    expect(brokerLine.safeParse(onWire(line)).success).toBe(false)
  })
})

const shown = {
  slug: 'openclaw',
  state: 'ready',
  version: '1',
  model: 'offline',
  offline: true,
  driver: 'bwrap',
  incarnation: 1,
}
const health = {
  openclaw: { version: '1', state: 'ready', progress: 1 },
  model: { name: 'offline', label: 'Offline', offline: true },
  driver: { name: 'bwrap', guarantees: [], gaps: [], isolates: true },
}

describe('a line of the feed', () => {
  test.each([
    { type: 'instance', id: 'i', owner: 'o', rev: 0, shown },
    { type: 'health', health },
    { type: 'complete' },
    { type: 'beat' },
  ])('%j is read', (line) => {
    expect(feedLine.parse(onWire(line))).toEqual(line)
  })

  test.each([
    { type: 'instance', id: 'i', owner: 'o', rev: -1, shown },
    { type: 'instance', id: 'i', owner: 'o', rev: 1, shown: { ...shown, state: 'happy' } },
    { type: 'instance', id: 'i', rev: 1, shown },
    { type: 'health', health: {} },
    { type: 'delta', text: 'x' },
  ])('%j is refused', (line) => {
    expect(feedLine.safeParse(onWire(line)).success).toBe(false)
  })
})
