import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeApprovalRequest, judgeDecision, readApprovalRequest } from '#nips/approval'
import { keyCipher } from '#nips/cipher'
import { SignedEvent, tag } from '#nips/event'
import { instanceIdOf } from '#nips/instance'
import { encodeFailure, encodeResult } from '#nips/job-answers'
import { decodeRequest, type JobRequest, requireFresh } from '#nips/job-events'
import { jobOfKind } from '#nips/jobs/index'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { Fault, faults } from '#nips/kit/fault'

/** Events written by hand, as SKILL.md and the profile say, without our own encoders. */
const now = 1_800_000_000
const secret = { service: generateSecretKey(), caller: generateSecretKey() }
const service = publicKeyOf(secret.service)
const caller = publicKeyOf(secret.caller)
const cipher = keyCipher(secret.service)
const own = keyCipher(secret.caller)
const about = ['a', `31770:${service}:3f9c2a7d51e8b604`, '', 'instance']
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function taken(kind: number, tags: string[][], content = ''): Promise<JobRequest> {
  const event = SignedEvent.open(signEvent({ kind, created_at: now, tags, content }, secret.caller))
  const job = jobOfKind(kind)
  if (job === undefined) throw new Error(`${kind} is no job`)
  requireFresh(event, now)
  return decodeRequest(event, job, { pubkey: service, cipher })
}

test.each([
  { says: 'a provision needs its "p" alone', kind: 5770, tags: [], input: { slug: 'openclaw' } },
  { says: 'a param is a member', kind: 5770, tags: [['param', 'slug', 'mine']], input: { slug: 'mine' } },
  { says: 'an instance stands in "a"', kind: 5774, tags: [about], input: { instance: '3f9c2a7d51e8b604' } },
  { says: 'a job stands in "e"', kind: 5786, tags: [['e', 'c'.repeat(64)]], input: { job: 'c'.repeat(64) } },
])('$says', async ({ kind, tags, input }) => {
  expect((await taken(kind, [['p', service], ...tags])).input).toEqual(input)
})

const sealing = [['p', service], ['encrypted']]

test('a sealed request holds its "i" and "param" tags as the JSON it is made of', async () => {
  const params = '[["i","psst","text"],["param","thread","t-1"]]'
  const request = await taken(5785, [...sealing, about], own.encrypt(service, params))
  const input = { instance: '3f9c2a7d51e8b604', text: 'psst', thread: 't-1' }
  expect(request).toMatchObject({ encrypted: true, input })
})

test('a sealed request without such tags holds an empty list', async () => {
  const request = await taken(5774, [...sealing, about], own.encrypt(service, '[]'))
  expect(request).toMatchObject({ encrypted: true, input: { instance: '3f9c2a7d51e8b604' } })
})

test('a chat in the clear is refused', async () => {
  const clear = taken(5785, [['p', service], about, ['i', 'hello', 'text']])
  await expect(clear).rejects.toMatchObject({ code: 'invalid', message: 'chat has to be encrypted' })
})

test('a sealed answer has its tag, and its content opens to JSON', async () => {
  const request = await taken(5785, [...sealing, about], own.encrypt(service, '[["i","psst","text"]]'))
  const answering = { request, cipher, now }
  const output = { text: 'hi', model: 'm', inputTokens: 1, outputTokens: 2 }
  const result = await encodeResult(answering, output)
  expect(result.tags).toContainEqual(['encrypted'])
  expect(JSON.parse(own.decrypt(service, result.content))).toEqual(output)
  const failure = await encodeFailure(answering, new Fault('model-error', 'it said psst'), 'so far')
  expect(failure.tags).toContainEqual(['status', 'error', `model-error: ${faults['model-error'].fix}`])
  expect(failure.tags).toContainEqual(['encrypted'])
  expect(JSON.parse(own.decrypt(service, failure.content))).toEqual({ message: 'it said psst', text: 'so far' })
})

test('the instance of a provision is known from its id', () => {
  const id = 'd'.repeat(64)
  expect(instanceIdOf(id)).toBe(sha256(`openagents:instance:${id}`).slice(0, 16))
})

test.each([
  { says: 'in the clear', more: {}, open: (content: string) => content },
  { says: 'sealed', more: { cipher }, open: (content: string) => own.decrypt(service, content) },
])(
  'a decision asked $says counts when it has the five tags, once the hash has been checked as told',
  async ({ more, open }) => {
    const action = {
      type: 'instance.provision',
      instance: '0'.repeat(16),
      args: { slug: 'b' },
      job: id('1'),
      requester: caller,
    }
    const asked = signEvent(await encodeApprovalRequest(action, caller, { service, now, ...more }), secret.service)
    // RFC 8785 of this action: its members in the order of their names.
    const canonical = `{"args":{"slug":"b"},"instance":"${'0'.repeat(16)}","job":"${id('1')}","requester":"${caller}","type":"instance.provision"}`
    expect(tag(asked, 'x')).toBe(sha256(canonical))
    expect(tag(asked, 'deadline')).toBe(String(now + 600))
    expect(asked.tags.filter(([name]) => name === 'p')).toEqual([['p', caller]])
    expect(JSON.parse(open(asked.content))).toEqual({ v: 1, action, summary: expect.any(String) })
    const tags = [
      ['e', asked.id],
      ['k', '5783'],
      ['p', service],
      ['x', sha256(canonical)],
      ['decision', 'approve'],
    ]
    const decision = SignedEvent.open(signEvent({ kind: 6783, created_at: now + 5, tags, content: '' }, secret.caller))
    const judging = { request: readApprovalRequest(asked), service, now: now + 6, mayDecide: () => true }
    expect(judgeDecision(decision, judging)).toBe('approve')
  },
)

function id(digit: string): string {
  return digit.repeat(64)
}
