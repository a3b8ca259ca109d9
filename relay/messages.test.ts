import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signEvent } from '#nips/keys'
import { NOW } from './testing/events.ts'
import { serveRelay, type TestRelay } from './testing/served.ts'
import type { Client } from './testing/wire.ts'

let relay: TestRelay
let client: Client
beforeAll(async () => {
  relay = await serveRelay()
  client = await relay.client()
})
afterAll(() => relay.close())

const key = new Uint8Array(32).fill(1)
const note = signEvent({ kind: 1, created_at: NOW, tags: [], content: 'hello' }, key)
const other = signEvent({ kind: 1, created_at: NOW, tags: [], content: 'other' }, key)
const zero = '0'.repeat(64)

/** All that the relay says to one frame; a second frame marks the end of it. */
async function answerTo(frame: string): Promise<unknown[]> {
  const from = client.heard.length
  client.raw(frame)
  await client.next((said) => client.heard.indexOf(said) >= from)
  client.raw('["end"]')
  await client.next((said) => said[1] === 'ERROR: bad msg: too few array elements')
  return client.heard.slice(from, -1)
}
const req = (...filters: unknown[]) => JSON.stringify(['REQ', 'x', ...filters])
const event = (value: unknown) => JSON.stringify(['EVENT', value])
const notice = (text: string) => [['NOTICE', `ERROR: ${text}`]]
const closed = (text: string) => [['CLOSED', 'x', `ERROR: ${text}`]]
const no = (reason: string, id = note.id) => [['OK', id, false, reason]]

describe('a frame that is not understood', () => {
  test.each([
    { frame: 'hello', says: notice('bad msg: unparseable message') },
    { frame: '', says: notice('bad msg: unparseable message') },
    { frame: '{}', says: notice('bad msg: unparseable message') },
    { frame: '["EVENT"', says: notice('bad msg: unparseable message') },
    { frame: '[]', says: notice('bad msg: too few array elements') },
    { frame: '[1,2]', says: notice('bad msg: first element not a command like REQ') },
    { frame: '["PING",1]', says: notice('bad msg: unknown cmd') },
    { frame: '["__proto__","x",{}]', says: notice('bad msg: unknown cmd') },
    { frame: '["REQ",1,{}]', says: notice('bad req: subscription id was not a string') },
    { frame: '["REQ","",{}]', says: notice('bad req: invalid subscription id length') },
    {
      frame: `["REQ","${'x'.repeat(65)}",{}]`,
      says: [['CLOSED', 'x'.repeat(65), 'ERROR: bad req: invalid subscription id length']],
    },
    {
      frame: '["REQ","\\u0000",{}]',
      says: [['CLOSED', '\u0000', 'ERROR: bad req: invalid character in subscription id']],
    },
    { frame: `["CLOSE","${'x'.repeat(65)}"]`, says: notice('bad close: invalid subscription id length') },
    { frame: '["CLOSE",1]', says: notice('bad close: CLOSE subscription id was not a string') },
    { frame: `["REQ","x",${'['.repeat(9)}${']'.repeat(9)}]`, says: notice('bad msg: nested too deeply') },
    { frame: '['.repeat(50_000), says: notice('bad msg: nested too deeply') },
  ])('$frame', async ({ frame, says }) => {
    expect(await answerTo(frame)).toEqual(says)
  })
})

describe('a REQ that cannot be served is closed', () => {
  test.each([
    { frame: '["REQ","x"]', says: closed('bad req: arr too small') },
    { frame: req(...Array(11).fill({})), says: closed('bad req: arr too big') },
    { frame: req('x'), says: closed('bad req: provided filter is not an object') },
    { frame: req({ ids: zero }), says: closed('bad req: ids not an array') },
    { frame: req({ ids: [1] }), says: closed('bad req: error parsing ids: unexpected item') },
    { frame: req({ ids: ['Zz'] }), says: closed('bad req: error parsing ids: unexpected character in from_hex: 90') },
    { frame: req({ ids: ['abc'] }), says: closed('bad req: error parsing ids: uneven size input to from_hex') },
    { frame: req({ ids: [zero.slice(2)] }), says: closed('bad req: error parsing ids: filter item too small') },
    { frame: req({ ids: [`${zero}00`] }), says: closed('bad req: error parsing ids: filter item too large') },
    { frame: req({ ids: [''] }), says: closed('bad req: error parsing ids: filter item too small') },
    { frame: req({ '#e': ['abcd'] }), says: closed('bad req: error parsing #e: filter item too small') },
    {
      frame: req({ '#p': [zero, 'me'] }),
      says: closed('bad req: error parsing #p: unexpected character in from_hex: 109'),
    },
    {
      frame: req({ authors: ['A'.repeat(64)] }),
      says: closed('bad req: error parsing authors: unexpected character in from_hex: 65'),
    },
    { frame: req({ kinds: [-1] }), says: closed('bad req: error parsing kinds: unexpected item') },
    { frame: req({ kinds: [1.5] }), says: closed('bad req: error parsing kinds: unexpected item') },
    { frame: req({ since: '1' }), says: closed('bad req: error parsing since') },
    { frame: req({ limit: -1 }), says: closed('bad req: error parsing limit') },
    { frame: req({ search: 1 }), says: closed('bad req: error parsing search') },
    { frame: req({ search: 'x'.repeat(257) }), says: closed('bad req: error parsing search: too long') },
    { frame: req({ '#foo': ['x'] }), says: closed('bad req: error parsing #foo: unindexed tag filter') },
    {
      frame: req({ '#a': ['1'], '#b': ['1'], '#c': ['1'], '#d': ['1'] }),
      says: closed('bad req: too many tags in filter'),
    },
    {
      frame: req({ kinds: Array.from({ length: 1001 }, (_, kind) => kind) }),
      says: closed('bad req: total filter items too large'),
    },
  ])('$frame', async ({ frame, says }) => {
    expect(await answerTo(frame)).toEqual(says)
  })

  test('and its subscription of the same name has ended', async () => {
    await client.ask('twice', {})
    client.say('REQ', 'twice', { bad: 1 })
    await client.next((said) => said[0] === 'CLOSED' && said[1] === 'twice')
    const live = relay.person().sign({ content: 'after the close' })
    await client.publish(live)
    expect(await client.got('twice')).not.toContain(live.id)
  })

  test('names that objects have of their own are names like others', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect((await client.ask(name, { limit: 0 })).end).toEqual(['EOSE', name])
      client.say('CLOSE', name)
    }
  })

  test('when too many are open', async () => {
    const greedy = await relay.client()
    for (let at = 0; at < 64; at++) expect((await greedy.ask(`s${at}`, { limit: 0 })).end[0]).toBe('EOSE')
    expect((await greedy.ask('one more', {})).end).toEqual(['CLOSED', 'one more', 'ERROR: too many concurrent REQs'])
    expect((await greedy.ask('s5', { limit: 0 })).end).toEqual(['EOSE', 's5'])
    greedy.say('CLOSE', 's7')
    expect((await greedy.ask('one more', { limit: 0 })).end).toEqual(['EOSE', 'one more'])
  })
})

describe('an EVENT', () => {
  test.each([
    { says: 'is not an object', value: 'x', answer: no('invalid: event is not an object', '?') },
    { says: 'is null', value: null, answer: no('invalid: event is not an object', '?') },
    {
      says: 'has no id',
      value: { ...note, id: undefined },
      answer: no('invalid: JSON object key "id" not found', '?'),
    },
    { says: 'is empty', value: {}, answer: no('invalid: JSON object key "id" not found', '?') },
    {
      says: 'has an upper-case id',
      value: { ...note, id: 'A'.repeat(64) },
      answer: no('invalid: unexpected id size', 'A'.repeat(64)),
    },
    { says: 'has a short key', value: { ...note, pubkey: 'ab' }, answer: no('invalid: unexpected pubkey size') },
    {
      says: 'has an upper-case signature',
      value: { ...note, sig: note.sig.toUpperCase() },
      answer: no('invalid: verify sig: bad input size'),
    },
    {
      says: 'has a negative kind',
      value: { ...note, kind: -1 },
      answer: no('invalid: event kind field was not an integer'),
    },
    {
      says: 'has a kind with a fraction',
      value: { ...note, kind: 1.5 },
      answer: no('invalid: event kind field was not an integer'),
    },
    {
      says: 'has a kind beyond 16 bits',
      value: { ...note, kind: 65_536 },
      answer: no('invalid: event kind field was not an integer'),
    },
    {
      says: 'has a date with a fraction',
      value: { ...note, created_at: 1.5 },
      answer: no('invalid: event created_at field was not an integer'),
    },
    {
      says: 'has a date without end',
      value: { ...note, created_at: 1e308 },
      answer: no('invalid: event created_at field was not an integer'),
    },
    {
      says: 'has numbers for tags',
      value: { ...note, tags: [[1]] },
      answer: no('invalid: tag name was not a string'),
    },
    {
      says: 'has an empty tag',
      value: { ...note, tags: [[]] },
      answer: no('invalid: too few fields in tag'),
    },
    {
      says: 'has half a character',
      value: { ...note, content: '\ud800' },
      answer: no('invalid: content is not well-formed text'),
    },
    {
      says: 'has other content than was signed',
      value: { ...note, content: 'pay mallory' },
      answer: no('invalid: bad event id'),
    },
    { says: 'has another signature', value: { ...note, sig: other.sig }, answer: no('invalid: bad signature') },
    { says: 'is another under this id', value: { ...other, id: note.id }, answer: no('invalid: bad event id') },
  ])('that $says is refused', async ({ value, answer }) => {
    expect(await answerTo(event(value))).toEqual(answer)
    expect((await client.ask('x', { ids: [note.id, other.id] })).ids).toEqual([])
    client.say('CLOSE', 'x')
  })

  test('is sent on as it was signed, without what was added to it', async () => {
    const plain = relay.person().sign({ content: 'quote " \\ \n \u2028 ünï \u{1f600}', tags: [['t', 'a', ''], ['x']] })
    expect(await client.publish({ ...plain, extra: 1 } as never)).toEqual([true, ''])
    await client.ask('all', { ids: [plain.id] })
    expect(client.heard.findLast((said) => said[0] === 'EVENT')).toEqual(['EVENT', 'all', plain])
  })
})
