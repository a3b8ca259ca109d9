import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { random, seeds } from '#tests/support/random'
import { refusalOf } from '#tests/support/refusal'
import {
  type Action,
  actionHash,
  DECISION_WINDOW,
  encodeApprovalRequest,
  encodeDecision,
  type Judging,
  judgeDecision,
  openApprovalRequest,
  readApprovalRequest,
} from './approval.ts'
import type { SignedEvent } from './event.ts'
import type { EventTemplate } from './keys.ts'

const owner = author()
const service = author()
const stranger = author()

const action: Action = {
  type: 'instance.delete',
  instance: '3f9c2a7d51e8b604',
  args: { instance: '3f9c2a7d51e8b604', keep: { files: ['a', 'b'], days: 3 } },
  job: 'a'.repeat(64),
  requester: owner.pubkey,
}

describe('the hash of an action', () => {
  test('is the SHA-256 of its RFC 8785 text', () => {
    const fixed: Action = { type: 'x', instance: '0'.repeat(16), args: { b: 1, a: null }, job: 'j', requester: 'r' }
    // echo -n '{"args":{"a":null,"b":1},"instance":"0000000000000000","job":"j","requester":"r","type":"x"}' | sha256sum
    expect(actionHash(fixed)).toBe('f7dfbd22ba6cb04e6c292d6c1d20eccfcec4f07c49136bb66a014e114be4f869')
  })

  test.each(seeds(2))('is the same however the members are ordered (seed %i)', (seed) => {
    const { shuffle } = random(seed)
    const jumbled = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(shuffle(Object.entries(value)).map(([key, member]) => [key, jumbled(member)]))
    for (let round = 0; round < 20; round += 1) expect(actionHash(jumbled(action) as Action)).toBe(actionHash(action))
  })

  test.each([
    { says: 'the job it is', change: { type: 'instance.provision' } },
    { says: 'the instance', change: { instance: '0'.repeat(16) } },
    { says: 'the request', change: { job: 'b'.repeat(64) } },
    { says: 'who asked', change: { requester: stranger.pubkey } },
    { says: 'an argument left out', change: { args: { instance: action.instance } } },
    { says: 'an argument more', change: { args: { ...action.args, force: true } } },
    { says: 'a number in an argument', change: { args: { ...action.args, keep: { files: ['a', 'b'], days: 4 } } } },
    { says: 'a number as text', change: { args: { ...action.args, keep: { files: ['a', 'b'], days: '3' } } } },
    { says: 'the order of a list', change: { args: { ...action.args, keep: { files: ['b', 'a'], days: 3 } } } },
    { says: 'one letter', change: { args: { ...action.args, keep: { files: ['a', 'B'], days: 3 } } } },
  ])('is another one for $says', ({ change }) => {
    expect(actionHash({ ...action, ...change })).not.toBe(actionHash(action))
  })
})

const template = await encodeApprovalRequest(action, owner.pubkey, { service: service.pubkey, now: NOW })
const asked = service.sign(template)
const request = await openApprovalRequest(asked, owner.cipher)

describe('an approval request', () => {
  test('tells exactly what would run, who may decide and until when', () => {
    expect(request).toEqual({
      event: asked,
      action,
      summary: 'Delete this gateway?',
      approvers: [owner.pubkey],
      hash: actionHash(action),
      until: NOW + DECISION_WINDOW,
    })
  })

  test('names job, kind and instance in the clear, and is its author’s alone to publish', () => {
    expect(template.tags).toEqual([
      ['p', owner.pubkey],
      ['e', action.job],
      ['k', '5774'],
      ['a', `31770:${service.pubkey}:${action.instance}`, '', 'instance'],
      ['x', actionHash(action)],
      ['deadline', String(NOW + 600)],
      ['threshold', '1'],
      ['-'],
      ['alt', 'Delete this gateway? Answer with kind 6783 if you want it.'],
    ])
  })

  test('seals the action to its approver when the request was encrypted, and leaves what judging needs in the clear', async () => {
    const sealing = { service: service.pubkey, now: NOW, cipher: service.cipher }
    const sealed = service.sign(await encodeApprovalRequest(action, owner.pubkey, sealing))
    expect(sealed.content).not.toContain(action.type)
    expect(await openApprovalRequest(sealed, owner.cipher)).toMatchObject({ action, hash: actionHash(action) })
    expect(readApprovalRequest(sealed)).toMatchObject({ approvers: [owner.pubkey], hash: actionHash(action) })
    expect(await refusalOf(() => openApprovalRequest(sealed, stranger.cipher))).toMatchObject({ code: 'invalid' })
  })

  test.each(['chat', 'no.job', '__proto__'])('cannot be made for %s, which needs no decision', async (type) => {
    const make = () => encodeApprovalRequest({ ...action, type }, owner.pubkey, { service: service.pubkey, now: NOW })
    expect(await refusalOf(make)).toEqual({ code: 'internal', message: `${type} needs no decision` })
  })

  const without = (name: string) => template.tags.filter(([key]) => key !== name)
  const content = (change: object) => JSON.stringify({ ...JSON.parse(template.content), ...change })
  test.each([
    { says: 'of another kind', change: { kind: 1 } },
    { says: 'whose hash is of another action', change: { content: content({ action: { ...action, args: {} } }) } },
    { says: 'without a hash', change: { tags: without('x') } },
    { says: 'with two hashes', change: { tags: [...template.tags, ['x', actionHash(action)]] } },
    { says: 'without an end', change: { tags: without('deadline') } },
    { says: 'whose end is no time', change: { tags: [...without('deadline'), ['deadline', 'never']] } },
    { says: 'with two ends', change: { tags: [...template.tags, ['deadline', '9999999999']] } },
    { says: 'of another version', change: { content: content({ v: 2 }) } },
    { says: 'with more in its action', change: { content: content({ action: { ...action, also: 'x' } }) } },
    { says: 'with more beside its action', change: { content: content({ args: {} }) } },
    { says: 'without an action', change: { content: '{}' } },
    { says: 'that is no JSON', change: { content: 'delete it' } },
  ])('$says is refused', async ({ change }) => {
    const event = service.sign({ ...template, ...change })
    expect(await refusalOf(() => openApprovalRequest(event, owner.cipher))).toMatchObject({ code: 'invalid' })
  })
})

const good = encodeDecision(asked, 'approve', { now: NOW + 10 })
const judge = (decision: SignedEvent, change: Partial<Judging> = {}) =>
  judgeDecision(decision, { request, service: service.pubkey, now: NOW + 10, mayDecide: () => true, ...change })
const replaced = (name: string, ...values: string[]): Partial<EventTemplate> => ({
  tags: [...good.tags.filter(([key]) => key !== name), ...values.map((value) => [name, value])],
})

describe('a decision', async () => {
  test.each(['approve', 'deny'] as const)('to %s counts', (choice) => {
    expect(judge(owner.sign(encodeDecision(asked, choice, { now: NOW, reason: 'because' })))).toBe(choice)
  })

  test.each([
    { says: 'signed a minute before the request, by a slow clock', at: NOW - 60, now: NOW },
    { says: 'signed a minute ahead, by a fast clock', at: NOW + 70, now: NOW + 10 },
    { says: 'at the last moment', at: NOW + DECISION_WINDOW, now: NOW + DECISION_WINDOW },
  ])('$says counts', ({ at, now }) => {
    expect(judge(owner.sign({ ...good, created_at: at }), { now })).toBe('approve')
  })

  const another = readApprovalRequest(
    service.sign(
      await encodeApprovalRequest({ ...action, job: 'c'.repeat(64) }, owner.pubkey, {
        service: service.pubkey,
        now: NOW,
      }),
    ),
  )
  const only = (name: string) => `exactly one "${name}" tag is needed`
  test.each([
    { says: 'that is a reaction', change: { kind: 7, content: '+' }, message: 'not a decision' },
    { says: 'that is a message', change: { kind: 1, content: 'approve' }, message: 'not a decision' },
    {
      says: 'about another request',
      change: replaced('e', another.event.id),
      message: 'decides about another request',
    },
    { says: 'about no request', change: replaced('e'), message: only('e') },
    { says: 'about two requests', change: replaced('e', asked.id, another.event.id), message: only('e') },
    { says: 'that names another kind', change: replaced('k', '5774'), message: 'names another kind' },
    { says: 'that names no kind', change: replaced('k'), message: only('k') },
    { says: 'that names two kinds', change: replaced('k', '5783', '5783'), message: only('k') },
    { says: 'for another service', change: replaced('p', stranger.pubkey), message: 'addressed to another service' },
    { says: 'for no service', change: replaced('p'), message: only('p') },
    { says: 'for two services', change: replaced('p', service.pubkey, stranger.pubkey), message: only('p') },
    { says: 'about another action', change: replaced('x', another.hash), message: 'decides about another action' },
    { says: 'about no action', change: replaced('x'), message: only('x') },
    { says: 'about two actions', change: replaced('x', request.hash, another.hash), message: only('x') },
    { says: 'that decides nothing', change: replaced('decision'), message: only('decision') },
    { says: 'that decides both', change: replaced('decision', 'approve', 'deny'), message: only('decision') },
    { says: 'in other words', change: replaced('decision', 'yes'), message: 'neither approve nor deny' },
    { says: 'in capitals', change: replaced('decision', 'APPROVE'), message: 'neither approve nor deny' },
    {
      says: 'with the word in its content only',
      change: { ...replaced('decision'), content: 'approve' },
      message: only('decision'),
    },
  ])('$says does not count', async ({ change, message }) => {
    expect(await refusalOf(() => judge(owner.sign({ ...good, ...change })))).toEqual({ code: 'invalid', message })
  })

  const mayNot = { code: 'unauthorized', message: 'this key may not decide about it' }
  test.each([
    { says: 'by a stranger', by: stranger, change: {} },
    { says: 'by the service itself', by: service, change: {} },
    { says: 'by somebody who owns it but was not asked', by: stranger, change: { mayDecide: () => true } },
    { says: 'by somebody who was asked but owns it no longer', by: owner, change: { mayDecide: () => false } },
  ])('$says does not count', async ({ by, change }) => {
    expect(await refusalOf(() => judge(by.sign(good), change))).toEqual(mayNot)
  })

  test('asks at the moment of judging whether this very key owns the instance', () => {
    const askedAbout: string[] = []
    judge(owner.sign(good), { mayDecide: (pubkey) => askedAbout.push(pubkey) > 0 })
    expect(askedAbout).toEqual([owner.pubkey])
  })

  test('that was signed in time may be carried out within the grace its carrier needs, and not later', async () => {
    const decision = owner.sign({ ...good, created_at: NOW + 500 })
    expect(judge(decision, { now: NOW + 900, grace: 600 })).toBe('approve')
    const late = () => judge(decision, { now: NOW + 1201, grace: 600 })
    expect(await refusalOf(late)).toMatchObject({ code: 'expired' })
  })

  const outside = { code: 'expired', message: 'signed outside the time to decide' }
  const over = { code: 'expired', message: 'the time to decide is over' }
  test.each([
    { says: 'older than the request', at: NOW - 61, now: NOW, refusal: outside },
    { says: 'further ahead than a minute', at: NOW + 71, now: NOW + 10, refusal: outside },
    { says: 'dated after the end', at: NOW + 601, now: NOW + 600, refusal: outside },
    { says: 'that comes a second late', at: NOW, now: NOW + 601, refusal: over },
  ])('$says does not count', async ({ at, now, refusal }) => {
    expect(await refusalOf(() => judge(owner.sign({ ...good, created_at: at }), { now }))).toEqual(refusal)
  })

  test('on a request that another key made does not count', async () => {
    const forged = readApprovalRequest(stranger.sign(template))
    const decision = owner.sign(encodeDecision(forged.event, 'approve', { now: NOW }))
    const refusal = await refusalOf(() => judge(decision, { request: forged }))
    expect(refusal).toEqual({ code: 'invalid', message: 'addressed to another service' })
  })

  test('that was not opened does not count, whatever it says', async () => {
    const copy = { ...owner.sign(good) } as SignedEvent
    expect(await refusalOf(() => judge(copy))).toEqual({ code: 'invalid', message: 'not a decision' })
  })
})
