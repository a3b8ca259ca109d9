import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { decodeApprovalRequest, encodeApprovalRequest, judgeDecision } from '#nips/approval'
import { keyCipher } from '#nips/cipher'
import { SignedEvent, tag } from '#nips/event'
import { instanceIdOf } from '#nips/instance'
import { decodeRequest, type JobRequest, requireFresh } from '#nips/job-events'
import { jobOfKind } from '#nips/jobs/index'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'

/** Events written by hand, as SKILL.md and the profile say, without our own encoders. */
const now = 1_800_000_000
const secret = { service: generateSecretKey(), caller: generateSecretKey() }
const service = publicKeyOf(secret.service)
const caller = publicKeyOf(secret.caller)
const cipher = keyCipher(secret.service)
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
  {
    says: 'text stands in "i"',
    kind: 5785,
    tags: [about, ['i', 'hello', 'text']],
    input: { instance: '3f9c2a7d51e8b604', text: 'hello', thread: 'main' },
  },
])('$says', async ({ kind, tags, input }) => {
  expect((await taken(kind, [['p', service], ...tags])).input).toEqual(input)
})

test('a sealed request holds its "i" and "param" tags as the JSON it is made of', async () => {
  const sealed = keyCipher(secret.caller).encrypt(service, '[["i","psst","text"],["param","thread","t-1"]]')
  const request = await taken(5785, [['p', service], about, ['encrypted']], sealed)
  expect(request).toMatchObject({ encrypted: true, input: { text: 'psst', thread: 't-1' } })
})

test('the instance of a provision is known from its id', () => {
  const id = 'd'.repeat(64)
  expect(instanceIdOf(id)).toBe(sha256(`openagents:instance:${id}`).slice(0, 16))
})

test('a decision counts when it has the five tags, once the hash has been checked as told', () => {
  const action = {
    type: 'instance.provision',
    instance: '0'.repeat(16),
    args: { slug: 'b' },
    job: id('1'),
    requester: caller,
  }
  const asked = signEvent(encodeApprovalRequest(action, [caller], { service, now }), secret.service)
  // RFC 8785 of this action: its members in the order of their names.
  const canonical = `{"args":{"slug":"b"},"instance":"${'0'.repeat(16)}","job":"${id('1')}","requester":"${caller}","type":"instance.provision"}`
  expect(tag(asked, 'x')).toBe(sha256(canonical))
  expect(JSON.parse(asked.content)).toMatchObject({ v: 1, action, summary: expect.any(String) })
  const tags = [
    ['e', asked.id],
    ['k', '5783'],
    ['p', service],
    ['x', sha256(canonical)],
    ['decision', 'approve'],
  ]
  const decision = SignedEvent.open(signEvent({ kind: 6783, created_at: now + 5, tags, content: '' }, secret.caller))
  const judging = { request: decodeApprovalRequest(asked), service, now: now + 6, mayDecide: () => true }
  expect(judgeDecision(decision, judging)).toBe('approve')
})

function id(digit: string): string {
  return digit.repeat(64)
}
