import { expect, test } from 'vitest'
import type { NostrEvent } from '#nips/keys'
import { Fault } from '#nips/kit/fault'
import { memoryDatabase } from './database.ts'
import type { Draft } from './draft.ts'
import { Outbox } from './outbox.ts'
import { ManualClock, settle } from './testing/clock.ts'
import { person } from './testing/person.ts'

const me = person()

function stage(database = memoryDatabase(), clock = new ManualClock()) {
  const sent: NostrEvent[] = []
  const answers: ((refusal: Fault | undefined) => void)[] = []
  let mayGo = true
  const outbox = new Outbox({
    db: database,
    clock,
    locks: (_name, _ifFree, act) => act(true),
    owner: me.pubkey,
    service: 'service',
    prepare: async (draft) => {
      if (draft.job?.input.bad) throw new Fault('denied', 'your signer said no')
      return mayGo ? { ...me.sign({ kind: 5785, created_at: clock.now(), tags: [['idem', draft.id]] }) } : undefined
    },
    publish: (event) => {
      sent.push(event)
      return new Promise((resolve, reject) => answers.push((refusal) => (refusal ? reject(refusal) : resolve())))
    },
    changed: () => undefined,
    sent: () => undefined,
    tell: () => undefined,
  })
  const answer = async (refusal?: Fault) => {
    answers.shift()?.(refusal)
    await settle()
  }
  return { outbox, sent, answer, database, clock, block: () => (mayGo = false), release: () => (mayGo = true) }
}

const draft = (id: string, more: Partial<Draft> = {}): Draft => ({
  id,
  owner: me.pubkey,
  service: 'service',
  at: 1_800_000_000,
  job: { name: 'chat', input: { text: 'hello' } },
  ...more,
})

test('a draft is written down before it is sent, and gone once the relay has it', async () => {
  const { outbox, sent, answer, database } = stage()
  await outbox.add(draft('one'))
  await settle()
  expect(sent).toHaveLength(1)
  expect(await database.get<Draft>('drafts', 'one')).toMatchObject({ event: { id: sent[0]?.id } })
  await answer()
  expect(await database.all('drafts')).toEqual([])
  expect(outbox.list()).toEqual([])
})

test('after a reload the same event is sent, not another one', async () => {
  const first = stage()
  await first.outbox.add(draft('one'))
  await settle()
  const again = stage(first.database, first.clock)
  await again.outbox.load()
  await settle()
  expect(again.sent.map(({ id }) => id)).toEqual(first.sent.map(({ id }) => id))
})

test('looking again while it is on its way does not send it twice', async () => {
  const { outbox, sent } = stage()
  await outbox.add(draft('one'))
  outbox.flush()
  await outbox.load()
  await settle()
  expect(sent).toHaveLength(1)
})

test('a request that grew too old on its way is signed anew with the same intent', async () => {
  const { outbox, sent, answer, clock } = stage()
  await outbox.add(draft('one'))
  await settle()
  await clock.advance(700_000)
  await answer(new Fault('expired', 'it has become too old to be sent'))
  expect(sent).toHaveLength(2)
  expect(sent[1]?.id).not.toBe(sent[0]?.id)
  expect(sent.map(({ tags }) => tags)).toEqual([[['idem', 'one']], [['idem', 'one']]])
})

test('a refusal is kept with its reason, and nothing is lost', async () => {
  const { outbox, answer, sent } = stage()
  await outbox.add(draft('one'))
  await settle()
  await answer(new Fault('unauthorized', 'blocked: members only'))
  expect(outbox.get('one')?.error?.message).toBe('The relay refused it: blocked: members only')
  outbox.flush()
  await settle()
  expect(sent).toHaveLength(1)
})

test.each([
  { says: 'fresh', age: 0 },
  { says: 'too old', age: 700_000 },
])('a $says draft whose link was closed is left for the next link as it was', async ({ age }) => {
  const { outbox, answer, sent, database, clock } = stage()
  await outbox.add(draft('one'))
  await settle()
  const written = await database.get<Draft>('drafts', 'one')
  await clock.advance(age)
  await answer(new Fault('unavailable', 'the link was closed'))
  expect(await database.get<Draft>('drafts', 'one')).toEqual(written)
  expect(outbox.get('one')?.error).toBeUndefined()
  outbox.flush()
  await settle()
  expect(sent).toHaveLength(2)
})

test('a draft whose turn has not come waits, and goes when it comes', async () => {
  const { outbox, sent, block, release } = stage()
  block()
  await outbox.add(draft('one'))
  await settle()
  expect(sent).toEqual([])
  release()
  outbox.flush()
  await settle()
  expect(sent).toHaveLength(1)
})

test('what the signer refuses says so', async () => {
  const { outbox } = stage()
  await outbox.add(draft('one', { job: { name: 'chat', input: { bad: true } } }))
  await settle()
  expect(outbox.get('one')?.error).toMatchObject({ code: 'denied', message: 'Your signer said no.' })
})

test("drafts of another key or another deployment are nobody's business here", async () => {
  const { outbox, database, sent } = stage()
  await database.put('drafts', 'a', draft('a', { owner: 'somebody' }))
  await database.put('drafts', 'b', draft('b', { service: 'elsewhere' }))
  await outbox.load()
  await settle()
  expect(sent).toEqual([])
})
