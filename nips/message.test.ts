import { describe, expect, test } from 'vitest'
import { refusalOf } from '#tests/support/refusal'
import { defaultFilterLimits } from './filter.ts'
import { BadRequest, type MessageLimits, parseClientMessage } from './message.ts'

const limits: MessageLimits = { ...defaultFilterLimits, maxFilters: 2, maxSubscriptionId: 64 }
const parse = (value: unknown) => parseClientMessage(JSON.stringify(value), limits)

describe('a frame', () => {
  test.each([
    { frame: ['EVENT', { id: 'unchecked' }], message: { verb: 'EVENT', event: { id: 'unchecked' } } },
    { frame: ['AUTH', 5, 'more'], message: { verb: 'AUTH', event: 5 } },
    { frame: ['CLOSE', 'a'], message: { verb: 'CLOSE', subscription: 'a' } },
    { frame: ['REQ', 'a b:c/~', {}], message: { verb: 'REQ', subscription: 'a b:c/~', filters: [{}] } },
    {
      frame: ['REQ', 'x'.repeat(64), { kinds: [1] }, { limit: 0 }],
      message: { verb: 'REQ', subscription: 'x'.repeat(64), filters: [{ kinds: new Set([1]) }, { limit: 0 }] },
    },
  ])('$frame is read', ({ frame, message }) => {
    expect(parse(frame)).toEqual(message)
  })

  test.each(['', 'PING', '{}', 'null', '5', '"EVENT"', '["REQ"'])('%j is no message', async (frame) => {
    const refusal = await refusalOf(() => parseClientMessage(frame, limits))
    expect(refusal).toEqual({ code: 'invalid', message: 'bad msg: unparseable message' })
  })

  test.each([
    { frame: [], message: 'bad msg: too few array elements' },
    { frame: [5, 'a'], message: 'bad msg: first element not a command like REQ' },
    { frame: ['EVENT'], message: 'bad msg: too few array elements' },
    { frame: ['REQ'], message: 'bad msg: too few array elements' },
    { frame: ['event', {}], message: 'bad msg: unknown cmd' },
    { frame: ['__proto__', {}], message: 'bad msg: unknown cmd' },
    { frame: ['REQ', 5, {}], message: 'bad req: subscription id was not a string' },
    { frame: ['REQ', null, {}], message: 'bad req: subscription id was not a string' },
    { frame: ['REQ', '', {}], message: 'bad req: invalid subscription id length' },
    { frame: ['REQ', 'x'.repeat(65), {}], message: 'bad req: invalid subscription id length' },
    { frame: ['REQ', 'a"b', {}], message: 'bad req: invalid character in subscription id' },
    { frame: ['REQ', 'a\\b', {}], message: 'bad req: invalid character in subscription id' },
    { frame: ['REQ', 'a\nb', {}], message: 'bad req: invalid character in subscription id' },
    { frame: ['REQ', 'ü', {}], message: 'bad req: invalid character in subscription id' },
    { frame: ['CLOSE', {}], message: 'bad close: CLOSE subscription id was not a string' },
    { frame: ['CLOSE', ''], message: 'bad close: invalid subscription id length' },
  ])('$frame is refused', async ({ frame, message }) => {
    expect(await refusalOf(() => parse(frame))).toEqual({ code: 'invalid', message })
  })
})

describe('a request that can be answered', () => {
  test.each([
    { says: 'without filters', rest: [], message: 'bad req: arr too small' },
    { says: 'with too many filters', rest: [{}, {}, {}], message: 'bad req: arr too big' },
    { says: 'with a bad filter', rest: [{}, { kinds: 1 }], message: 'kinds not an array' },
    { says: 'with a filter that is none', rest: ['x'], message: 'provided filter is not an object' },
  ])('$says names its subscription', ({ rest, message }) => {
    try {
      expect.fail(JSON.stringify(parse(['REQ', 'mine', ...rest])))
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(BadRequest)
      expect(thrown).toMatchObject({ code: 'invalid', message, subscription: 'mine' })
    }
  })
})
