import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveRelay, type TestRelay } from '../testing/served.ts'
import { type Client, is } from '../testing/wire.ts'

let relay: TestRelay
let client: Client
const key = 'a'.repeat(64)
beforeAll(async () => {
  relay = await serveRelay({
    env: {
      RELAY_FILTER_VALIDATION: '1',
      RELAY_FILTER_MIN_FILTERS: '2',
      RELAY_FILTER_KINDS: '0, 1, 7, 1059',
      RELAY_FILTER_MAX_KINDS: '2',
      RELAY_FILTER_AUTHOR_OR_TAG: '1',
    },
  })
  client = await relay.client()
})
afterAll(() => relay.close())

const good = { kinds: [1], authors: [key] }
const closed = (problem: string) => ['CLOSED', 'x', `ERROR: bad req: filter validation failed: ${problem}`]

test.each([
  { says: 'what is allowed', filters: [good, { kinds: [0, 7], '#t': ['x'] }], end: ['EOSE', 'x'] },
  { says: 'one filter', filters: [good], end: closed('too few filters: 1') },
  { says: 'four filters', filters: [good, good, good, good], end: closed('too many filters: 4') },
  { says: 'three kinds', filters: [good, { ...good, kinds: [0, 1, 7] }], end: closed('too many kinds: 3') },
  { says: 'another kind', filters: [good, { ...good, kinds: [1, 3] }], end: closed('kind not allowed: 3') },
  { says: 'no kind', filters: [good, { authors: [key] }], end: closed('kinds have to be named') },
  { says: 'nobody', filters: [good, { kinds: [1] }], end: closed('an author or a tag has to be named') },
])('an operator who validates filters has $says answered with $end', async ({ filters, end }) => {
  expect((await client.ask('x', ...filters)).end).toEqual(end)
  client.say('CLOSE', 'x')
})

test('the same holds for COUNT and NEG-OPEN, and the read rule still does', async () => {
  client.say('COUNT', 'x', good)
  expect(await client.next(is('CLOSED', 'x'))).toEqual(closed('too few filters: 1'))
  client.say('NEG-OPEN', 'x', good, '61')
  expect((await client.next(is('NEG-ERR', 'x')))[2]).toBe(
    'invalid: bad req: filter validation failed: too few filters: 1',
  )
  const wraps = { kinds: [1059], authors: [key] }
  expect((await client.ask('x', good, wraps)).end[2]).toMatch(/^auth-required: /)
})
